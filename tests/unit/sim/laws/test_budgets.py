"""L8's checker: each bound that a policy sets, and each thing that keeps automation back."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.lawbench import NOBODY, SERVER, Bench, mark, start, stop
from tests.parts import CLUSTER, HOST, OTHER, held, host, operation
from vmuster.model.automation import Disarmed, HeldPlan, HoldState
from vmuster.model.commands import Command
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId
from vmuster.model.messages import Heartbeat
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import HostMode, OperationKind
from vmuster.sim.engine.clock import BEGINNING
from vmuster.sim.laws.budgets import Budgets
from vmuster.sim.world.decided import Asking

NOW = 2000.0
QUIET = Policy().quiet_seconds
BY_HAND = Disarmed(by="ann", at=0.0)


def bench(policy: Policy | None = None, fleet: FleetPolicy | None = None) -> Bench:
    """A server that runs since the beginning; both hosts have just given a sign."""
    made = Bench(Budgets)
    made.world.chronicle.started(SERVER)
    made.at(NOW)
    made.truth.signs |= {HOST: NOW, OTHER: NOW}
    if policy is not None:
        change(made, Cluster, CLUSTER, policy=policy)
    if fleet is not None:
        change(made, Fleet, policy=fleet)
    return made


def change(made: Bench, kind: type[Any], *key: object, **to: object) -> None:
    row = made.world.database.row(kind, *key)
    assert row is not None
    made.write(msgspec.structs.replace(row, **to))


def stops(*numbers: int) -> list[Command]:
    return [stop(number=number, automatic=True) for number in numbers]


def starts(*numbers: int) -> list[Command]:
    return [start(number, automatic=True) for number in numbers]


def test_an_automatic_act_within_all_bounds_is_right() -> None:
    made = bench()
    made.issue(*stops(1))
    made.issue(*starts(2))
    assert made.broken == []


def test_a_persons_act_is_bound_by_nothing() -> None:
    made = bench(Policy(stops_per_pass_max=0), FleetPolicy(stops_per_window_max=0))
    change(made, Host, HOST, mode=HostMode.CORDONED, disarmed=BY_HAND)
    made.at(1.0)
    made.order(stop())
    assert made.broken == []


def test_what_nobody_asked_for_is_automatic_by_whomever_it_is_signed() -> None:
    made = bench(Policy(stops_per_pass_max=0))
    made.write(operation(OperationKind.STOP), asking=NOBODY)
    made.issue(stop())
    assert [what.partition(": ")[2] for what in made.broken] == ["1 of at most 0"]


LIMITS: dict[str, tuple[Policy, FleetPolicy, Callable[..., list[Command]]]] = {
    "stops in one pass": (Policy(stops_per_pass_max=1), FleetPolicy(), stops),
    "stops on a host": (Policy(stops_per_window_max=1), FleetPolicy(), stops),
    "stops in a cluster": (Policy(cluster_stops_per_window_max=1), FleetPolicy(), stops),
    "stops in the fleet": (Policy(), FleetPolicy(stops_per_window_max=1), stops),
    "starts in one pass": (Policy(starts_per_pass_max=1), FleetPolicy(), starts),
    "starts on a host": (Policy(starts_per_window_max=1), FleetPolicy(), starts),
    "starts in a cluster": (Policy(cluster_starts_per_window_max=1), FleetPolicy(), starts),
    "starts in the fleet": (Policy(), FleetPolicy(starts_per_window_max=1), starts),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_each_budget_holds(limit: str) -> None:
    policy, fleet, acts = LIMITS[limit]
    made = bench(policy, fleet)
    made.issue(*acts(1))
    assert made.broken == []
    made = bench(policy, fleet)
    made.issue(*acts(1, 2))
    assert len(made.broken) == 1
    assert made.broken[0].endswith("2 of at most 1")


@pytest.mark.parametrize("limit", [name for name in LIMITS if "pass" not in name])
def test_a_budget_is_of_a_window_and_of_one_kind(limit: str) -> None:
    policy, fleet, acts = LIMITS[limit]
    made = bench(policy, fleet)
    made.issue(*acts(1))
    made.issue(*(starts if acts is stops else stops)(2))
    made.at(NOW + 580.0)
    made.truth.signs |= {HOST: NOW + 500.0, OTHER: NOW + 500.0}
    made.issue(*acts(3))
    assert len(made.broken) == 1
    made.at(NOW + 1200.0)
    made.truth.signs |= {HOST: NOW + 1200.0, OTHER: NOW + 1200.0}
    made.issue(*acts(4))
    assert len(made.broken) == 1


def test_another_host_has_its_own_budget_and_shares_the_clusters() -> None:
    elsewhere = msgspec.structs.replace(stop(number=2, automatic=True), host=OTHER)
    made = bench(Policy(stops_per_window_max=1))
    made.issue(*stops(1))
    made.issue(elsewhere)
    assert made.broken == []
    made = bench(Policy(cluster_stops_per_window_max=1))
    made.issue(*stops(1))
    made.issue(elsewhere)
    assert len(made.broken) == 1


def test_what_an_older_database_forgot_is_not_counted() -> None:
    made = bench(Policy(stops_per_window_max=1))
    made.issue(*stops(1))
    made.world.chronicle.restored()
    made.issue(*stops(2))
    assert made.broken == []


def approve(made: Bench, plan: HeldPlan, asking: Asking | None = None) -> None:
    """A plan that waited is approved; by ann, where nobody else is named."""
    made.write(msgspec.structs.replace(plan, state=HoldState.HELD))
    made.write(plan, asking=asking)


APPROVED = held([OperationKind.STOP], state=HoldState.APPROVED, expires_at=NOW + 9e9)


@pytest.mark.parametrize(("asking", "times"), [(None, 0), (NOBODY, 1)])
def test_what_a_person_approved_is_bound_by_no_budget(asking: Asking | None, times: int) -> None:
    made = bench(Policy(stops_per_pass_max=0, starts_per_pass_max=0))
    plan = msgspec.structs.replace(APPROVED, by="ann")
    approve(made, plan, asking)
    left = msgspec.structs.replace(plan, acts=held([OperationKind.START]).acts)
    made.issue(*stops(1), rows=(left,))
    assert len(made.broken) == times


@pytest.mark.parametrize(("approved", "times"), [(OperationKind.STOP, 0), (OperationKind.START, 1)])
def test_what_a_person_approved_goes_out_beside_what_is_held_anew(
    approved: OperationKind, times: int
) -> None:
    made = bench()
    approve(made, msgspec.structs.replace(APPROVED, acts=held([approved]).acts))
    made.issue(*stops(1), rows=(held([OperationKind.START]),))
    assert len(made.broken) == times


@pytest.mark.parametrize(("seconds", "times"), [(1.0, 0), (0.0, 1)])
def test_an_approval_is_over_when_its_time_is(seconds: float, times: int) -> None:
    made = bench(Policy(stops_per_pass_max=0))
    now = BEGINNING + made.world.loop.time()
    plan = msgspec.structs.replace(APPROVED, expires_at=now + seconds)
    approve(made, plan)
    made.issue(*stops(1), rows=(msgspec.structs.replace(plan, why="another"),))
    assert len(made.broken) == times


def test_an_approval_is_of_what_it_names() -> None:
    made = bench(Policy(stops_per_pass_max=0, starts_per_pass_max=0))
    approve(made, APPROVED)
    made.issue(*starts(1), rows=(msgspec.structs.replace(APPROVED, why="another"),))
    assert len(made.broken) == 1


def _forgotten(kind: type[Any], *key: object, **to: object) -> Callable[[Bench], None]:
    """A person has decided it, and a later write loses it, which nobody asked for."""

    def put(made: Bench) -> None:
        before: Any = made.world.database.row(kind, *key)
        change(made, kind, *key, **to)
        made.write(msgspec.structs.replace(before, version=before.version + 1), asking=NOBODY)

    return put


def _plan(plan: HeldPlan) -> Callable[[Bench], None]:
    return lambda made: made.write(plan)


def _to(kind: type[Any], *key: object, **to: object) -> Callable[[Bench], None]:
    return lambda made: change(made, kind, *key, **to)


BACK: dict[str, Callable[[Bench], None]] = {
    "on a host in observe": _to(Host, HOST, mode=HostMode.OBSERVE),
    "on a host in cordoned": _to(Host, HOST, mode=HostMode.CORDONED),
    "while automation is disarmed by ann": _to(Host, HOST, disarmed=BY_HAND),
    "while automation is disarmed by ann ": _to(Cluster, CLUSTER, disarmed=BY_HAND),
    "while automation is disarmed by ann  ": _to(Fleet, disarmed=BY_HAND),
    "on a host in observe ": _forgotten(Host, HOST, mode=HostMode.OBSERVE),
    "while automation is disarmed by ann    ": _forgotten(Fleet, disarmed=BY_HAND),
    "299 s after the start of server-1": lambda made: made.at(QUIET - 1.0),
    "while a plan of its host is held": _plan(held([OperationKind.START])),
    "which ann has rejected": _plan(held([OperationKind.STOP], state=HoldState.REJECTED)),
}


@pytest.mark.parametrize("words", BACK)
def test_what_keeps_automation_back_does(words: str) -> None:
    made = bench()
    BACK[words](made)
    made.issue(*stops(1))
    assert [what.partition(": ")[2] for what in made.broken] == [words.strip()]


def test_what_was_rejected_is_what_the_plan_names() -> None:
    made = bench()
    made.write(held([OperationKind.START], state=HoldState.REJECTED))
    made.issue(*stops(1))
    assert made.broken == []


def test_no_other_act_is_automatic() -> None:
    made = bench()
    made.issue(msgspec.structs.replace(mark(), automatic=True))
    assert [what.partition(": ")[2] for what in made.broken] == ["an act that is never automatic"]


def crowd(silent: int, of: int = 5, **row: object) -> Bench:
    """So many hosts that once gave an account; some have been silent since the beginning."""
    made = bench()
    for number in range(of):
        name = HostId(f"host-{number}")
        machine = made.world.add_host(name, far=True)
        fields = {"id": name, "name": name, "uuid": machine.uuid, "last_complete_at": 1.0} | row
        made.write(msgspec.structs.replace(host(), **fields))
        if number >= silent:
            made.truth.signs[name] = NOW
    return made


def test_nothing_is_done_while_too_many_are_silent() -> None:
    made = crowd(3)
    made.issue(*stops(1))
    words = [what.partition(": ")[2] for what in made.broken]
    assert words == ["while 3 of 7 hosts are silent"] * 2  # in the cluster, and in the fleet


@pytest.mark.parametrize(
    "made",
    [
        lambda: crowd(2),
        lambda: crowd(3, of=40),
        lambda: crowd(3, mode=HostMode.MAINTENANCE),
        lambda: crowd(3, last_complete_at=None),
        lambda: crowd(3, uuid=None),
    ],
    ids=["few", "a small share", "in maintenance", "never heard of", "no machine known"],
)
def test_some_silent_hosts_are_no_darkness(made: Callable[[], Bench]) -> None:
    now = made()
    now.issue(*stops(1))
    assert now.broken == []


def test_a_server_that_just_began_to_listen_knows_no_silence() -> None:
    made = crowd(3)
    change(made, Cluster, CLUSTER, policy=Policy(quiet_seconds=0.0))
    made.truth.started[SERVER] = NOW - 310.0
    made.issue(*stops(1))
    assert made.broken == []
    made.truth.started[SERVER] = NOW - 340.0
    made.issue(*stops(2))
    assert len(made.broken) == 2


@pytest.mark.parametrize(("alive", "times"), [(True, 0), (False, 2)])
def test_a_heartbeat_is_a_sign_if_it_says_so(alive: bool, times: int) -> None:
    made = crowd(3)
    beat = Heartbeat(host=HOST, answers=False, alive=alive)
    made.world.chronicle.heard("host-0", beat)
    made.issue(*stops(1))
    assert len(made.broken) == times
