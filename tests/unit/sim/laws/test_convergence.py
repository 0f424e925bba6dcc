"""L4's checker: it heals, gives time and no more, and tells what differs then."""

from typing import Any

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import CLUSTER, HOST, operation
from vmuster.model.host import Cluster, Host
from vmuster.model.policy import Policy
from vmuster.model.states import OperationKind
from vmuster.sim.laws.convergence import Convergence
from vmuster.sim.laws.law import Violation
from vmuster.sim.play import play
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.world.world import World


def patience(**policy: Any) -> float:
    bench = Bench(Convergence)
    bench.write(Cluster(name=CLUSTER, policy=Policy(**policy), created_at=0.0))
    assert isinstance(bench.law, Convergence)
    return bench.law.patience()


@pytest.mark.parametrize(
    "setting",
    [
        "quiet_seconds",
        "unreachable_after_seconds",
        "suspect_after_seconds",
        "operation_seconds",
        "stop_grace_seconds",
        "confirm_after_seconds",
        "report_seconds",
        "restart_backoff_seconds",
        "steady_seconds",
    ],
)
def test_whatever_policies_wait_for_is_waited_for(setting: str) -> None:
    usual = getattr(Policy(), setting)
    assert patience(**{setting: usual + 100.0}) >= patience() + 100.0


def test_a_host_that_flapped_is_given_more_time_and_none_for_ever() -> None:
    bench = Bench(Convergence)
    law = bench.law
    assert isinstance(law, Convergence)
    before = law.patience()
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    bench.write(msgspec.structs.replace(row, flaps=3))
    assert before < law.patience() < 7_400.0
    bench.write(msgspec.structs.replace(row, flaps=40))
    assert law.patience() < 7_400.0


def test_a_calm_fleet_converges_at_once() -> None:
    story = [
        GRAMMAR.step("host alpha", None),
        GRAMMAR.step("alpha is in manage", None),
        GRAMMAR.step("web of ours runs on alpha", None),
    ]
    outcome = play(story, 1, [Convergence])
    assert (outcome.violations, outcome.pointless) == ((), ())
    assert outcome.seconds < 200.0


def test_what_does_not_converge_is_told_when_the_time_is_over() -> None:
    world, broken = World(1), list[Violation]()
    law = Convergence(world, broken.append)

    async def main() -> None:
        _ = await world.serving()
        quick = Policy(quiet_seconds=0.0, operation_seconds=10.0, unreachable_after_seconds=10.0)
        server = await world.serving()
        assert server.service is not None
        found = world.database.row(Cluster, "default")
        assert found is not None
        table: Any = world.database.rows._tables  # pyright: ignore[reportPrivateUsage]
        table[Cluster]["default",] = msgspec.structs.replace(found, policy=quick)
        lost = operation(OperationKind.STOP, deadline_at=9e12)
        table[type(lost)][str(lost.id),] = lost
        began = world.loop.time()
        await law.at_end()
        assert world.loop.time() - began >= law.patience()

    world.run(main())
    assert [violation.law for violation in broken] == ["L4"]
    assert "does not end" in broken[0].what
