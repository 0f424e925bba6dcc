"""Answers to questions: what is there, what it is to us, and why."""

import re
from collections.abc import Iterable
from typing import Any

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
from vmuster.ports.store import Store

_ROWS_MAX = 100_000


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


_HOST_ID = re.compile(r"h-[0-9a-f]{12}")


async def vms(store: Store, now: float, *, uuid: VmUuid | None = None) -> list[VmView]:
    """Every VM seen, and every live record whose VM was not; by host and name."""
    chosen: dict[str, Any] = {} if uuid is None else {"uuid": uuid}
    hosts = {host.id: host for host in await store.find(Host, limit=_ROWS_MAX, readable=True)}
    records = {
        r.uuid: r
        for r in await store.find(
            VmRecord, removed_at=None, limit=_ROWS_MAX, readable=True, **chosen
        )
    }
    seen = await store.find(Sighting, absent=False, limit=_ROWS_MAX, readable=True, **chosen)
    names = _names(hosts.values())
    views = [
        _seen(s, records.get(s.uuid), hosts[s.host], names, now) for s in seen if s.host in hosts
    ]
    shown = {(s.host, s.uuid) for s in seen}
    views.extend(
        _unseen(record, hosts.get(record.host) if record.host else None, now)
        for record in records.values()
        if (record.host, record.uuid) not in shown
    )
    return sorted(views, key=lambda view: (view.host, view.name, str(view.uuid)))


async def explanation(store: Store, now: float, uuid: VmUuid, *, limit: int) -> Explanation:
    """Why a VM is as it is: what is known, and at most `limit` of each kind of history."""
    return Explanation(
        uuid=uuid,
        vms=tuple(await vms(store, now, uuid=uuid)),
        record=await store.get(VmRecord, uuid),
        sightings=tuple(await store.find(Sighting, uuid=uuid, readable=True)),
        operations=tuple(
            await store.find(Operation, vm=uuid, limit=limit, newest_first=True, readable=True)
        ),
        commands=tuple(
            await store.find(OutboxCommand, vm=uuid, limit=limit, newest_first=True, readable=True)
        ),
        journal=tuple(await journal(store, vm=uuid, limit=limit)),
    )


async def journal(
    store: Store, *, limit: int, vm: VmUuid | None = None, host: HostId | None = None
) -> list[JournalEntry]:
    """The newest entries, newest first."""
    chosen: dict[str, Any] = {}
    if vm is not None:
        chosen["vm"] = vm
    if host is not None:
        chosen["host"] = host
    names = _names(await store.find(Host, limit=_ROWS_MAX, readable=True))
    return [
        msgspec.structs.replace(entry, what=_spoken(entry.what, names))
        for entry in await store.find(
            JournalEntry, limit=limit, newest_first=True, readable=True, **chosen
        )
    ]


def _names(hosts: Iterable[Host]) -> dict[str, str]:
    """Host id → name: the core speaks of hosts by their ids, people by their names."""
    return {host.id: host.name for host in hosts}


def _spoken(text: str, names: dict[str, str]) -> str:
    """`text` with the names of hosts in place of their ids."""
    return _HOST_ID.sub(lambda found: names.get(found[0], found[0]), text)


def _seen(
    sighting: Sighting, record: VmRecord | None, host: Host, names: dict[str, str], now: float
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
        why=_spoken(sighting.why, names),
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
