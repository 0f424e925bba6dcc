"""Answers to questions: what is there, what it is to us, and why."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

import msgspec

from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import (
    DesiredState,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Place, Store, VmQuery, VmRow
from vmuster.server.answers.saying import HOST_ID, host_names, hosts_of, spoken

EVERY: Final = VmQuery()
_PAGE: Final = 1000


class VmView(msgspec.Struct, frozen=True, kw_only=True):
    """One VM as people see it: what was seen of it on one host, and what is recorded.

    `age_seconds`: since its host's last complete account (or since it was last seen).
    """

    uuid: VmUuid
    name: str
    label: str
    host: str
    cluster: ClusterName
    standing: Standing | None
    finding: str
    power: PowerState
    reason: PowerReason
    phase: VmPhase | None
    desired: DesiredState | None
    protected: bool
    age_seconds: float
    why: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that answers "why": the VM as it is, and its history, newest first."""

    uuid: VmUuid
    vms: tuple[VmView, ...]
    record: VmRecord | None
    sightings: tuple[Sighting, ...]
    operations: tuple[Operation, ...]
    commands: tuple[OutboxCommand, ...]
    journal: tuple[JournalEntry, ...]


async def vm_page(
    store: Store, now: float, query: VmQuery, *, after: Place | None = None, limit: int
) -> tuple[list[VmView], Place | None]:
    """The VMs that fit, by their place, and the place where they end; None where all were given.

    Of hosts only those are read that show one of them. What is on a host that can't be read is left
    out.
    """
    rows = await store.vms(query, after=after, limit=limit + 1)
    last = rows[limit - 1].place if len(rows) > limit else None
    rows = rows[:limit]
    hosts = await _hosts_of(store, rows)
    whys = (row.sighting.why for row in rows if row.sighting is not None)
    names = await host_names(store, {host for why in whys for host in HOST_ID.findall(why)})
    views = (_view(row, hosts, names, now) for row in rows)
    return [view for view in views if view is not None], last


async def vms(store: Store, now: float, query: VmQuery = EVERY) -> list[VmView]:
    """All VMs that fit, by their place."""
    shown, last = await vm_page(store, now, query, limit=_PAGE)
    while last is not None:
        more, last = await vm_page(store, now, query, after=last, limit=_PAGE)
        shown += more
    return shown


async def explanation(store: Store, now: float, uuid: VmUuid, *, limit: int) -> Explanation:
    """Why a VM is as it is: what is known, and at most `limit` of each kind of history."""
    return Explanation(
        uuid=uuid,
        vms=tuple(await vms(store, now, VmQuery(uuid=uuid))),
        record=await store.get(VmRecord, uuid),
        sightings=tuple(await store.find(Sighting, uuid=uuid, readable=True)),
        operations=tuple(
            await store.find(Operation, vm=uuid, limit=limit, newest_first=True, readable=True)
        ),
        commands=tuple(
            await store.find(OutboxCommand, vm=uuid, limit=limit, newest_first=True, readable=True)
        ),
        journal=tuple(await journal(store, limit=limit, vm=uuid)),
    )


async def journal(
    store: Store, *, limit: int, after: tuple[int] | None = None, since: float = 0, **equal: Any
) -> list[JournalEntry]:
    """The newest entries that fit, newest first: those before the one of number `after`, back to
    the first that is older than `since` (a clock that was set may hide some behind it)."""
    entries = await store.find(
        JournalEntry, limit=limit, newest_first=True, readable=True, after=after or (), **equal
    )
    fresh = list(takewhile(lambda entry: entry.at >= since, entries))
    names = await host_names(store, {host for e in fresh for host in HOST_ID.findall(e.what)})
    return [msgspec.structs.replace(entry, what=spoken(entry.what, names)) for entry in fresh]


async def _hosts_of(store: Store, rows: Sequence[VmRow]) -> dict[HostId, Host]:
    named = {row.sighting.host for row in rows if row.sighting is not None}
    named |= {row.record.host for row in rows if row.record is not None and row.record.host}
    found = await hosts_of(store, named)
    return {host.id: host for host in found}


def _view(
    row: VmRow, hosts: Mapping[HostId, Host], names: Mapping[str, str], now: float
) -> VmView | None:
    if row.sighting is not None:
        host = hosts.get(row.sighting.host)
        return None if host is None else _seen(row.sighting, row.record, host, names, now)
    if row.record is None:
        return None
    return _unseen(row.record, hosts.get(row.record.host) if row.record.host else None, now)


def _seen(
    sighting: Sighting, record: VmRecord | None, host: Host, names: Mapping[str, str], now: float
) -> VmView:
    ours = record if record is not None and record.host == host.id else None
    return VmView(
        uuid=sighting.uuid,
        name=ours.name if ours is not None else sighting.name,
        label=sighting.name,
        host=host.name,
        cluster=host.cluster,
        standing=sighting.standing,
        finding=sighting.finding,
        power=sighting.power,
        reason=sighting.reason,
        phase=ours.phase if ours is not None else None,
        desired=ours.desired if ours is not None else None,
        protected=ours.protected if ours is not None else False,
        age_seconds=max(0.0, now - max(host.last_complete_at or 0.0, sighting.last_seen_at)),
        why=spoken(sighting.why, names),
    )


def _unseen(record: VmRecord, host: Host | None, now: float) -> VmView:
    return VmView(
        uuid=record.uuid,
        name=record.name,
        label=record.label,
        host=host.name if host is not None else "",
        cluster=record.cluster,
        standing=None,
        finding="missing" if record.phase is VmPhase.MISSING else "unclear",
        power=record.power,
        reason=record.reason,
        phase=record.phase,
        desired=record.desired,
        protected=record.protected,
        age_seconds=max(0.0, now - record.seen_at),
        why="it was not in its host's last reports",
    )
