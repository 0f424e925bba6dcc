"""What a commit changes for VMs at rest: which of them must be judged again, and where.

What a pass goes by beside its report are rows (`reconcile/rest.py` says what else), so a VM at
rest is judged again when a row that its conclusion may rest on was written. One table says for
each kind of row what its writing concerns. In doubt that is too much: a pass too many costs a
moment, and one too few leaves something undone. What a pass knows and its rows do not say, on which
other hosts a VM is known, comes with the changes (`Changes.stirs`).

What a pass writes about the VMs that it judged concerns none that is not restless after it anyway,
but for a sighting that is the last word (`Changes.rests`).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook


class Stirred(msgspec.Struct, frozen=True, kw_only=True):
    """What must be judged again: all that any of these says.

    `everything`: every VM of every host. `clusters`, `hosts`: every VM of theirs. `vms`: each on
    this host. `everywhere`: on every host that shows them. `names`: every VM, on any host, that
    bears one of these names, or one that points to the same number (`names.number_in`).
    """

    everything: bool = False
    clusters: frozenset[ClusterName] = frozenset()
    hosts: frozenset[HostId] = frozenset()
    vms: frozenset[tuple[HostId, VmUuid]] = frozenset()
    everywhere: frozenset[VmUuid] = frozenset()
    names: frozenset[str] = frozenset()


CALM: Final = Stirred()
"""Nothing is stirred."""


def stirred(changes: Changes) -> Stirred:
    """What `changes`, once they are written, concern."""
    found = [each for write in changes.writes if (each := _concerned(write)) is not CALM]
    seen = {(sighting.host, sighting.uuid) for sighting in changes.sightings} - changes.rests
    return Stirred(
        everything=any(each.everything for each in found),
        clusters=CALM.clusters.union(*(each.clusters for each in found)),
        hosts=CALM.hosts.union(*(each.hosts for each in found)),
        vms=CALM.vms.union(seen, changes.gone, changes.stirs, *(each.vms for each in found)),
        everywhere=CALM.everywhere.union(*(each.everywhere for each in found)),
        names=CALM.names.union(*(each.names for each in found)),
    )


def _concerned(write: Write) -> Stirred:
    rows = [row for row in (write.before, write.after) if row is not None]
    return CONCERNED[type(rows[0])](write.before, write.after, rows) if rows else CALM


def _fleet(before: Fleet | None, after: Fleet | None, _: list[Fleet]) -> Stirred:
    return Stirred(everything=True) if _differ(before, after, version=0, intake=0) else CALM


def _cluster(before: Cluster | None, after: Cluster | None, rows: list[Cluster]) -> Stirred:
    if not _differ(before, after, version=0):
        return CALM
    return Stirred(clusters=frozenset(row.name for row in rows))


def _host(before: Host | None, after: Host | None, _: list[Host]) -> Stirred:
    """With a host goes what was seen there, and nobody can tell where else its VMs are known."""
    if after is None:
        return Stirred(everything=True)
    return Stirred(hosts=frozenset({after.id})) if _differ(before, after, **_STAMP) else CALM


def _record(_before: VmRecord | None, _after: VmRecord | None, rows: list[VmRecord]) -> Stirred:
    """A record tells its home what to do, every other host what its VM is there, and by its name
    what a stranger resembles."""
    alone = len(rows) == 1
    moved = alone or len({_abroad(row) for row in rows}) > 1
    named = alone or len({_name(row) for row in rows}) > 1
    return Stirred(
        vms=frozenset((row.host, row.uuid) for row in rows if row.host is not None),
        everywhere=frozenset({rows[0].uuid}) if moved else CALM.everywhere,
        names=frozenset(row.name for row in rows) if named else CALM.names,
    )


def _operation(before: Operation | None, _: Operation | None, rows: list[Operation]) -> Stirred:
    """What a person asks for waits for looks at its VM wherever that was seen."""
    asked = before is None and not rows[0].automatic
    return Stirred(
        vms=frozenset((row.host, row.vm) for row in rows),
        everywhere=frozenset({rows[0].vm}) if asked else CALM.everywhere,
    )


def _hold(_before: HeldPlan | None, _after: HeldPlan | None, rows: list[HeldPlan]) -> Stirred:
    return Stirred(hosts=frozenset(row.host for row in rows))


def _nothing(_before: Guarded | None, _after: Guarded | None, _: list[Guarded]) -> Stirred:
    """No pass goes by rows of this kind, or only to count what acts were spent."""
    return CALM


CONCERNED: Final[dict[type[msgspec.Struct], Callable[[Any, Any, list[Any]], Stirred]]] = {
    Fleet: _fleet,
    Cluster: _cluster,
    Host: _host,
    VmRecord: _record,
    Operation: _operation,
    HeldPlan: _hold,
    OutboxCommand: _nothing,
    ApiKey: _nothing,
    Credential: _nothing,
    Webhook: _nothing,
    RequestAnswer: _nothing,
    Settled: _nothing,
}
"""Kind of row → what its writing concerns, of the row before, the row after, and such as there are.
"""
GONE_BY: Final[frozenset[type[msgspec.Struct]]] = frozenset(
    {Sighting, *(kind for kind, concerned in CONCERNED.items() if concerned is not _nothing)}
)
"""Kinds of row on which the conclusion of a pass may rest."""
_STAMP: Final[dict[str, object]] = {
    "epoch": 0,
    "sequence": 0,
    "digest": "",
    "vms_seen": 0,
    "last_report_at": None,
    "last_complete_at": None,
    "facts": None,
    "version": 0,
}
"""What of a host is written with every report or greeting, and no conclusion rests on."""


def _differ(before: Guarded | None, after: Guarded | None, **apart: object) -> bool:
    """Whether the rows differ, `apart` from these fields; each comes with any value of its type."""
    if before is None or after is None:
        return True
    replace = msgspec.structs.replace
    return replace(before, **apart) != replace(after, **apart)


def _abroad(record: VmRecord) -> tuple[object, ...]:
    """What of a record says what its VM is on a host that is not its home."""
    return record.live, record.host, record.mark_generation


def _name(record: VmRecord) -> str | None:
    """The name under which it is found; a tombstone holds its name against nobody."""
    return record.name if record.live else None
