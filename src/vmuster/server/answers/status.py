"""The state of the fleet: what an operator needs first thing in the morning.

Whether vmuster acts by itself, and if not, why; which hosts are not up, and why; what the VMs are
to us; and which plans wait for a person.
"""

from collections import Counter
from typing import Final

import msgspec

from vmuster.model.automation import Disarmed, HeldPlan, HoldState, Quarantine
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, FleetId, HostUuid, KeyId, VmUuid
from vmuster.model.operations import OPEN, Operation
from vmuster.model.states import Finding, HostHealth, HostMode, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store
from vmuster.server.answers.saying import HOST_ID, host_names, spoken
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.references import fleet_now

_ASTRAY: Final = frozenset(
    {
        Finding.STARTED_OUTSIDE,
        Finding.STOPPED_OUTSIDE,
        Finding.CRASHED,
        Finding.PAUSED,
        Finding.UNCLEAR,
    }
)
_NAMED_MAX: Final = 5
"""VMs that are named; the list of VMs has all."""


class HostStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A host that is not up, or whose account is in doubt. `since`: 0: ever."""

    name: str
    cluster: ClusterName
    mode: HostMode
    health: HostHealth
    since: float = 0.0
    trouble: str
    claims: HostUuid | None = None


class ClusterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster. `dark`: why its breaker is open; `quiet_seconds`: left of the quiet time."""

    name: ClusterName
    hosts: int
    disarmed: Disarmed | None
    dark: str
    quiet_seconds: float


class AstrayVm(msgspec.Struct, frozen=True, kw_only=True):
    """A VM of ours that is not as it was asked to be, as its host was last looked at: `finding`,
    and `why`, with what keeps vmuster from mending it. `host`: its name."""

    uuid: VmUuid
    name: str
    host: str
    finding: str
    why: str


class FleetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The whole fleet. Counts stand under their words; what is not there is not counted as 0.

    `standings`: of what was seen on hosts. `unseen`: live records whose VM their host does not
    show now; `missing`: those of them of which that is certain. `not_as_asked`: of ours, those that
    are seen and not as they were asked to be; `astray`: the first of those, and of the missing.
    `disarmed_hosts`: by name.
    `unread`: rows of the database that somebody asked for and that can't be read, in words. VMs and
    operations are counted by the database, unread; nothing else here counts such rows.
    """

    id: FleetId
    instance: str
    key: KeyId
    quarantine: Quarantine | None
    disarmed: Disarmed | None
    clusters: tuple[ClusterStatus, ...]
    disarmed_hosts: dict[str, Disarmed]
    healths: dict[HostHealth, int]
    modes: dict[HostMode, int]
    troubled: tuple[HostStatus, ...]
    standings: dict[Standing, int]
    unseen: int
    missing: int
    not_as_asked: int
    astray: tuple[AstrayVm, ...]
    held: tuple[HeldPlan, ...]
    operations: int
    unread: tuple[str, ...] = ()


async def status(context: Context) -> FleetStatus:
    """The fleet as it is recorded now; hosts and clusters by name."""
    store = context.store
    fleet = await fleet_now(store)
    hosts = sorted(await find_all(store, Host, readable=True), key=lambda host: host.name)
    clusters = await find_all(store, Cluster, readable=True)
    standings = await store.count(Sighting, by="standing", absent=False)
    unseen = await store.unseen()
    findings = await store.count(Sighting, by="finding", standing=Standing.OWNED, absent=False)
    missing = unseen.get(VmPhase.MISSING, 0)
    not_as_asked = sum(findings.get(finding.value, 0) for finding in _ASTRAY)
    astray = await _of_seen(store) if not_as_asked else []
    astray += await _of_missing(store) if missing else []
    held = await find_all(store, HeldPlan, readable=True)
    of_cluster = Counter(host.cluster for host in hosts)
    return FleetStatus(
        id=fleet.id,
        instance=fleet.instance,
        key=fleet.key,
        quarantine=fleet.quarantine,
        disarmed=fleet.disarmed,
        clusters=tuple(_cluster(context, fleet, each, of_cluster[each.name]) for each in clusters),
        disarmed_hosts={host.name: host.disarmed for host in hosts if host.disarmed},
        healths=dict(Counter(host.health for host in hosts)),
        modes=dict(Counter(host.mode for host in hosts)),
        troubled=tuple(_troubled(host) for host in hosts if _needs_a_look(host)),
        standings={word: n for word, n in standings.items() if isinstance(word, Standing)},
        unseen=sum(unseen.values()),
        missing=missing,
        not_as_asked=not_as_asked,
        astray=tuple(astray[:_NAMED_MAX]),
        held=tuple(plan for plan in held if plan.state is HoldState.HELD),
        operations=sum((await store.count(Operation, by="state", state=OPEN)).values()),
        unread=tuple(await store.unread()),
    )


async def _of_seen(store: Store) -> list[AstrayVm]:
    """The first VMs of ours that are seen, and not as asked for."""
    shown = await store.find(
        Sighting,
        standing=Standing.OWNED,
        absent=False,
        finding=_ASTRAY,
        limit=_NAMED_MAX,
        readable=True,
    )
    uuids = frozenset(seen.uuid for seen in shown)
    known = await store.find(VmRecord, uuid=uuids, readable=True)
    names = {record.uuid: record.name for record in known}
    mentioned = {host for seen in shown for host in (seen.host, *HOST_ID.findall(seen.why))}
    hosts = await host_names(store, mentioned)
    return [
        AstrayVm(
            uuid=seen.uuid,
            name=names.get(seen.uuid, seen.name),
            host=hosts.get(seen.host, seen.host),
            finding=seen.finding,
            why=spoken(seen.why, hosts),
        )
        for seen in shown
    ]


async def _of_missing(store: Store) -> list[AstrayVm]:
    """The first VMs of ours that are missing for certain."""
    lacking = await store.find(
        VmRecord, phase=VmPhase.MISSING, removed_at=None, limit=_NAMED_MAX, readable=True
    )
    hosts = await host_names(store, {record.host for record in lacking if record.host})
    return [
        AstrayVm(
            uuid=record.uuid,
            name=record.name,
            host=hosts.get(record.host or "", ""),
            finding=Finding.MISSING.value,
            why="its host does not have it",
        )
        for record in lacking
    ]


def _cluster(context: Context, fleet: Fleet, cluster: Cluster, hosts: int) -> ClusterStatus:
    return ClusterStatus(
        name=cluster.name,
        hosts=hosts,
        disarmed=cluster.disarmed,
        dark=context.weather.dark(cluster.name, cluster.policy, fleet.policy),
        quiet_seconds=context.quiet.left(cluster.policy.quiet_seconds),
    )


def _needs_a_look(host: Host) -> bool:
    return host.health is not HostHealth.UP or bool(host.trouble) or host.claims is not None


def _troubled(host: Host) -> HostStatus:
    return HostStatus(
        name=host.name,
        cluster=host.cluster,
        mode=host.mode,
        health=host.health,
        since=host.health_at,
        trouble=host.trouble,
        claims=host.claims,
    )
