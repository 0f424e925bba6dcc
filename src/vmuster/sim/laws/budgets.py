"""L8: no mass action; and nothing automatic so soon after a start, in the dark, or where forbidden.

Automatic commands are counted as they become durable, in true time, against the policies of that
moment; what a person approved is bound by no budget. A host is dark here only where no sign of life
of it has truly reached a server for longer than any policy waits.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

import msgspec

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.policy import DARK_HOSTS_MIN, WINDOW_SECONDS, FleetPolicy, Policy
from vmuster.model.states import HostMode, OperationKind
from vmuster.sim.laws.issuing import Issued, truly_issued
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Committed
from vmuster.sim.world.world import World

_KINDS: Final[dict[type[Command], OperationKind]] = {
    StartVm: OperationKind.START,
    StopVm: OperationKind.STOP,
}
_WINDOW: Final = WINDOW_SECONDS - 10.0
"""A little less: a wall clock that was set by less than a jump shifts what was counted."""
_PASS_SECONDS_MAX: Final = 120.0
"""Longer ago no pass began that commits now."""
_SWEEP_SECONDS: Final = 30.0
"""Within this a server notices that a host was silent for too long."""
_Limit = Callable[[Policy, FleetPolicy], int]


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """An automatic act that nobody approved, decided at `at` (seconds of the run)."""

    at: float
    kind: OperationKind
    host: HostId


_LIMITS: Final[dict[OperationKind, tuple[_Limit, _Limit, _Limit, _Limit]]] = {
    OperationKind.STOP: (
        lambda p, _: p.stops_per_pass_max,
        lambda p, _: p.stops_per_window_max,
        lambda p, _: p.cluster_stops_per_window_max,
        lambda _, f: f.stops_per_window_max,
    ),
    OperationKind.START: (
        lambda p, _: p.starts_per_pass_max,
        lambda p, _: p.starts_per_window_max,
        lambda p, _: p.cluster_starts_per_window_max,
        lambda _, f: f.starts_per_window_max,
    ),
}
"""In one pass; and within the window on a host, in its cluster, in the fleet."""


class Budgets(Law):
    """See above."""

    name = "L8"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._acts: list[_Act] = []

    def committed(self, commit: Committed) -> None:
        """The automatic commands of one pass."""
        written = truly_issued(self.world.database, self.truth, commit)
        orders = [order for order in written if order.automatic]
        if not orders:
            return
        approved = self._approved(commit, orders[0].created_at)
        free = [o for o in orders if (o.command.vm, _KINDS.get(type(o.command))) not in approved]
        for order in orders:
            for why in [*self._forbidden(order), *(self._held(order) if order in free else ())]:
                self.violate(f"{self._what(order)}: {why}")
        self._count(free)

    def restored(self) -> None:
        """An older database does not know what was done since; what must follow is for L9."""
        self._acts.clear()

    def _forbidden(self, order: Issued) -> Iterator[str]:
        host, cluster, fleet = order.host, order.cluster, order.fleet
        if host is None or cluster is None or fleet is None:
            yield "of a host that is not there"
            return
        if type(order.command) not in _KINDS:
            yield "an act that is never automatic"
        if host.mode is not HostMode.MANAGE:
            yield f"on a host in {host.mode}"
        for row in (fleet, cluster, host):
            if row.disarmed is not None:
                yield f"while automation is disarmed by {row.disarmed.by}"
        age = order.at - self.truth.started.get(order.process, 0.0)
        if age < cluster.policy.quiet_seconds:
            yield f"{age:.0f} s after the start of {order.process}"
        yield from self._dark(order, host, cluster.policy, fleet.policy)

    def _held(self, order: Issued) -> Iterator[str]:
        """A held plan keeps back everything on its host, a rejected one what it names."""
        row = self.world.database.row(HeldPlan, order.command.host)
        plan = None if row is None else self.truth.decided.of(row)
        if plan is None or plan.state is HoldState.APPROVED:
            return
        named = {(act.vm, act.act) for act in plan.acts}
        if plan.state is HoldState.HELD:
            yield "while a plan of its host is held"
        elif (order.command.vm, _KINDS.get(type(order.command))) in named:
            yield f"which {plan.by} has rejected"

    def _dark(self, order: Issued, host: Host, policy: Policy, fleet: FleetPolicy) -> Iterator[str]:
        """Whether so many hosts are silent that it may be our own network."""
        known = [
            each
            for each in self.world.database.every(Host)
            if each.last_complete_at is not None and each.mode is not HostMode.MAINTENANCE
        ]
        near = [each for each in known if each.cluster == host.cluster]
        for hosts, percent in ((near, policy.dark_percent_max), (known, fleet.dark_percent_max)):
            lost = sum(self._silent(each, order) for each in hosts)
            if lost >= DARK_HOSTS_MIN and lost * 100 > percent * len(hosts):
                yield f"while {lost} of {len(hosts)} hosts are silent"

    def _silent(self, host: Host, order: Issued) -> bool:
        """Whether there was no sign of a host for too long, as long as this server listens."""
        machine = self.machine_of(host)
        cluster = self.world.database.row(Cluster, host.cluster)
        if machine is None or cluster is None:
            return False
        policy = cluster.policy
        patience = max(
            policy.unreachable_after_seconds,
            policy.suspect_after_seconds,
            3.0 * policy.report_seconds,
        )
        last = self.truth.signs.get(machine.name, 0.0)
        listens = self._listens_since(order.process)
        return order.at - max(last, listens) > patience + _SWEEP_SECONDS

    def _listens_since(self, process: str) -> float:
        """Since when a server hears what is said: it runs, and does not stand still."""
        woken = [s.process.woken for s in self.world.servers if s.process.name == process]
        return max([self.truth.started.get(process, 0.0), *woken])

    def _count(self, orders: Sequence[Issued]) -> None:
        """One pass, after all that went before it."""
        new = [
            _Act(at=self._decided(order), kind=kind, host=order.command.host)
            for order in orders
            if (kind := _KINDS.get(type(order.command))) is not None
        ]
        self._acts += new
        for kind, number in Counter(act.kind for act in new).items():
            order = next(o for o in orders if _KINDS.get(type(o.command)) is kind)
            now = max(act.at for act in new)
            if order.cluster is None or order.fleet is None:
                continue
            done = [a for a in self._acts if a.kind is kind and a.at > now - _WINDOW]
            near = self._hosts_of(order.cluster.name)
            spent = (
                number,
                sum(act.host == order.command.host for act in done),
                sum(act.host in near for act in done),
                len(done),
            )
            for limit, used in zip(_LIMITS[kind], spent, strict=True):
                allowed = limit(order.cluster.policy, order.fleet.policy)
                if used > allowed:
                    self.violate(f"{self._what(order)}: {used} of at most {allowed}")

    def _decided(self, order: Issued) -> float:
        """When the pass began that decided this."""
        servers = self.world.servers
        clock = next((s.clock for s in servers if s.process.name == order.process), None)
        age = 0.0 if clock is None else clock.now() - order.created_at
        return order.at - min(max(age, 0.0), _PASS_SECONDS_MAX)

    def _approved(self, commit: Committed, now: float) -> set[tuple[VmUuid, OperationKind | None]]:
        """The acts that this pass carries out of a plan which a person has approved, in its time.
        `now`: epoch seconds, as the server of this pass believed."""
        return {
            (act.vm, act.act)
            for write in commit.changes.writes
            if isinstance(plan := write.before, HeldPlan)
            and plan.state is HoldState.APPROVED
            and (plan.host, plan.id) in self.truth.decided.approved
            and now < (plan.expires_at or 0.0)
            for act in plan.acts
        }

    def _hosts_of(self, cluster: ClusterName) -> Collection[HostId]:
        return {each.id for each in self.world.database.every(Host) if each.cluster == cluster}

    def _what(self, order: Issued) -> str:
        tag = order.command.__struct_config__.tag
        where = self.host_named(order.command.host)
        return f"automatic {tag} of {self.world.name_of(order.command.vm)} on {where}"
