"""Each bug of restraint: with it, automation does what it is kept from."""

from collections import Counter

import msgspec
import pytest

from tests.clocks import HandClock
from tests.parts import CLUSTER, FLEET, KEY, NOW, held, host
from tests.probes import Probes, told_apart
from tests.worlds import but, owned_stopped
from vmuster.model.automation import Disarmed, HoldState, Spent
from vmuster.model.host import Cluster, Fleet
from vmuster.model.policy import Policy
from vmuster.model.states import Act, Completeness, Drift, HostHealth, HostMode, OperationKind
from vmuster.reconcile import holds, limits, remedy
from vmuster.reconcile.idle import Circumstances
from vmuster.server.passes import intake, writes
from vmuster.server.watch.quiet import QuietTime
from vmuster.sim.planted.bounding import BOUNDING
from vmuster.sim.planted.bug import Planted

START = OperationKind.START
EAGER = but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE))
UP = msgspec.structs.replace(host(), health=HostHealth.UP)
OURS = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})


def over(**spent: int) -> object:
    recorded = but(EAGER, spent=Spent(**spent)).recorded
    return limits.over_budget(Counter({START: 1}), Policy(), recorded)


def withheld() -> object:
    return holds._all({(EAGER.uuid, START): None}, "held")  # pyright: ignore[reportPrivateUsage]


def expired() -> object:
    plan = held([START], state=HoldState.APPROVED, expires_at=NOW - 1)
    world = but(EAGER, hold=plan, completeness=Completeness.PARTIAL)
    return holds._standing(world.recorded, [], world.report, NOW) is None  # pyright: ignore[reportPrivateUsage]


def idle(**changes: object) -> object:
    now = Circumstances(
        fleet=OURS,
        cluster=Cluster(name=CLUSTER, policy=Policy(), created_at=0.0),
        host=UP,
        dark="",
        quiet_seconds=0.0,
    )
    return intake.why_idle(msgspec.structs.replace(now, **changes))


def scopes() -> object:
    plan = EAGER.plan()
    assert any(command.automatic for command in plan.commands)
    cluster = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0)
    return [type(write) for write in writes._scopes(plan, OURS, cluster, NOW)]  # pyright: ignore[reportPrivateUsage]


def jumped() -> object:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.set_by(-3600.0)
    return quiet.jump()


PROBES: Probes = {
    "budgets-are-ignored": lambda: holds.over_budget(
        Counter({START: 99}), Policy(), EAGER.recorded
    ),
    "the-budget-of-a-host-is-forgotten": lambda: over(host_starts=20),
    "the-budget-of-a-cluster-is-forgotten": lambda: over(cluster_starts=100),
    "the-budget-of-the-fleet-is-forgotten": lambda: over(fleet_starts=200),
    "two-passes-spend-one-budget": scopes,
    "a-held-plan-is-carried-out": withheld,
    "an-approval-has-no-end": expired,
    "the-quiet-time-is-ignored": lambda: idle(quiet_seconds=10.0),
    "the-breaker-is-ignored": lambda: idle(dark="3 of 5 hosts are not up"),
    "disarmed-is-ignored": lambda: idle(
        host=msgspec.structs.replace(UP, disarmed=Disarmed(by="ann", at=1.0))
    ),
    "the-mode-is-ignored": lambda: remedy.allows(HostMode.OBSERVE, Act.STOP),
    "a-jump-of-the-clock-is-not-noticed": jumped,
}


@pytest.mark.parametrize("bug", BOUNDING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
