"""What an older database still holds, beside what was seen since: how each row is settled.

Operations and commands of the past are closed; nobody knows what became of them. What was seen is
a better witness of what was asked for than an old wish, so that a record asks for what is there:
then nothing is started or stopped for the sake of it. Seen means seen since the fleet is in
quarantine: an older sighting is of the past as well. Where a VM was not seen at home since, its
wish stays in doubt, and automation is disarmed on every host where it may turn up. Marks that are
newer than what is recorded are taken note of, so that no generation is given again; a tombstone of
a VM that was taken in again since is dropped, for by it the VM would be a ghost that may be
stopped.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.changes import Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, PowerState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.overdue import overdue
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.requests.arming import with_reason
from vmuster.server.requests.closing import closed, given_up, open_operations, unanswered

_WHY = "closed on leaving the quarantine: the database was older than its hosts"
AWAY = (
    "what is asked for of its VMs may be of the older database: it was not looked at whole, or one"
    " of them was not seen, when the quarantine was left; see to them before it is armed"
)
_ASKED = {
    PowerState.RUNNING: DesiredState.RUNNING,
    PowerState.PAUSED: DesiredState.RUNNING,
    PowerState.STOPPED: DesiredState.STOPPED,
    PowerState.CRASHED: DesiredState.STOPPED,
}


_Shown = defaultdict[VmUuid, list[Sighting]]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Every host and record, tombstones included, what was seen, and what was begun.

    `told`: the hosts that gave an account since the fleet is in quarantine; `whole`: those that
    gave a whole one. Of any other host only what was taken in as a number above `doubted_after`
    was seen since.
    """

    hosts: tuple[Host, ...]
    told: frozenset[HostId]
    whole: frozenset[HostId]
    doubted_after: int
    records: tuple[VmRecord, ...]
    sightings: tuple[Sighting, ...]
    operations: tuple[Operation, ...]
    commands: tuple[OutboxCommand, ...]

    @property
    def highest(self) -> int:
        """The highest number of ours that is recorded or was seen."""
        generations = [seen.mark_generation for seen in self.sightings]
        known = [seen.asked_after for seen in self.sightings]
        return max([*generations, *known, *(r.mark_generation for r in self.records)], default=0)

    def writes(self, actor: str, now: float) -> Iterator[Write]:
        """How each row is settled."""
        shown = self._shown()
        yield from self._record_writes(shown, now)
        for host in self._in_doubt(shown):
            away = Disarmed(by=actor, at=now, why=AWAY)
            disarmed = with_reason(host.disarmed, away)
            yield Write(before=host, after=msgspec.structs.replace(host, disarmed=disarmed))
        for operation in self.operations:
            yield given_up(operation, _WHY, now)
        for command in self.commands:
            yield closed(command, _WHY, now)

    def entries(self, quarantine: Quarantine, actor: str, now: float) -> Iterator[JournalEntry]:
        """That it was settled, and by whom; each operation by name."""
        evidence: dict[str, object] = {
            "evidence": quarantine.evidence,
            "highest": quarantine.highest,
            "operations": len(self.operations),
            "commands": len(self.commands),
        }
        said = "the quarantine was left; automation stays disarmed until it is armed"
        yield JournalEntry(
            at=now,
            kind=EntryKind.AUDIT,
            actor=actor,
            what=said,
            rule="quarantine",
            evidence=evidence,
        )
        for host in self._in_doubt(self._shown()):
            what = f"host {host.name}: automation was disarmed: {AWAY}"
            yield JournalEntry(at=now, kind=EntryKind.AUDIT, actor=actor, what=what, host=host.id)
        for operation in self.operations:
            yield _closed_entry(operation, actor, now)

    def _record_writes(self, shown: _Shown, now: float) -> Iterator[Write]:
        begun = {operation.vm: operation for operation in self.operations}
        for record in self.records:
            seen = shown[record.uuid]
            asked = self._asked(record, seen) or record.desired
            after = _settled(record, begun.get(record.uuid), seen, asked, now)
            if after != record:
                yield Write(before=record, after=after)

    def _shown(self) -> _Shown:
        shown: defaultdict[VmUuid, list[Sighting]] = defaultdict(list)
        for seen in self.sightings:
            shown[seen.uuid].append(seen)
        return shown

    def _asked(self, record: VmRecord, shown: Sequence[Sighting]) -> DesiredState | None:
        """What is there, where it was seen at home since; None where it was not."""
        powers = (
            seen.power
            for seen in shown
            if seen.host == record.host and not seen.absent and self._since(seen)
        )
        return _ASKED.get(next(powers, PowerState.UNKNOWN))

    def _since(self, seen: Sighting) -> bool:
        """Whether it was looked at since; a whole account writes only what it shows changed."""
        return seen.host in self.whole or seen.taken_in > self.doubted_after

    def _in_doubt(self, shown: _Shown) -> Iterator[Host]:
        """The hosts where an old wish may be waiting: those of a VM of ours that was not seen at
        home since, those where VMs were and that gave no whole account, and those never heard."""
        present = {seen.host for each in shown.values() for seen in each if not seen.absent}
        doubted = present - self.whole
        for record in self.records:
            if record.live and self._asked(record, shown[record.uuid]) is None:
                doubted.update(seen.host for seen in shown[record.uuid])
                doubted.update(() if record.host is None else (record.host,))
        return (host for host in self.hosts if host.id in doubted or host.id not in self.told)


async def read_past(context: Context) -> Past:
    """All of it. Large, and read seldom: once, when a person goes on with an older database."""
    store, pulses = context.store, context.pulses
    hosts = tuple(await find_all(store, Host))
    return Past(
        hosts=hosts,
        told=frozenset(host.id for host in hosts if pulses.told(host.id)),
        whole=frozenset(host.id for host in hosts if pulses.whole(host.id)),
        doubted_after=context.doubted_after,
        records=tuple(await find_all(store, VmRecord)),
        sightings=tuple(await find_all(store, Sighting)),
        operations=tuple(await open_operations(store)),
        commands=tuple(await unanswered(store)),
    )


def _settled(
    record: VmRecord,
    begun: Operation | None,
    shown: Sequence[Sighting],
    asked: DesiredState,
    now: float,
) -> VmRecord | None:
    """The record as it shall stand, which asks for `asked`; None: it is dropped."""
    newest = max((seen.mark_generation for seen in shown), default=0)
    if not record.live:
        return record if newest <= record.mark_generation else None
    settled: VmRecord | None = record
    if begun is not None:
        due = msgspec.structs.replace(begun, deadline_at=now)
        ended = overdue(due, record, now)
        if ended is not None and ended.transition is not None:
            settled = ended.transition.after
    if settled is None or not settled.live:
        return settled
    return msgspec.structs.replace(
        settled,
        desired=asked,
        mark_generation=max(settled.mark_generation, newest),
    )


def _closed_entry(operation: Operation, actor: str, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=actor,
        what=f"{operation.kind} by {operation.actor}: {_WHY}",
        host=operation.host,
        vm=operation.vm,
        name=operation.name,
        operation=operation.id,
    )
