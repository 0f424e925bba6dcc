"""The pace of automatic starts: few, each later than the last, forgotten only after a good run."""

import pytest

from tests.parts import NOW, record
from tests.worlds import but, owned_stopped
from vmuster.model.policy import Policy
from vmuster.model.states import Finding, PowerState, Restart, VmPhase
from vmuster.reconcile.restarts import Pace, pace, ran_well, tried

POLICY = Policy(restart=Restart.ON_CRASH, restart_tries_max=3, restart_backoff_seconds=30.0)
GO = Pace(allowed=True)
GIVEN_UP = Pace(allowed=False, note="3 starts without a good run: given up", gave_up=True)
CRASHED = but(owned_stopped(), policy=POLICY, seen={"power": PowerState.CRASHED})


@pytest.mark.parametrize(
    ("change", "judged"),
    [
        ({}, GO),
        ({"restart_after": NOW}, GO),
        ({"restart_after": NOW + 1}, Pace(allowed=False, note="the next try is in 1 s")),
        ({"restart_tries": 2}, GO),
        ({"restart_tries": 3}, GIVEN_UP),
        ({"restart_tries": 3, "restart_after": NOW + 1}, GIVEN_UP),
        (
            {"phase": VmPhase.FAILED},
            Pace(allowed=False, note="it failed too often and waits for a person"),
        ),
    ],
)
def test_a_start_waits_or_is_given_up(change: dict[str, object], judged: Pace) -> None:
    assert pace(record(**change), POLICY, NOW) == judged


def test_each_wait_is_twice_the_last() -> None:
    vm, waits = record(), list[float]()
    for _ in range(3):
        vm = tried(vm, POLICY, NOW)
        waits.append(vm.restart_after - NOW)
    assert waits == [30.0, 60.0, 120.0]
    assert vm.restart_tries == 3


@pytest.mark.parametrize("tries", [1, 2])
def test_tries_are_forgotten_once_it_outlived_its_last_wait(tries: int) -> None:
    vm = record(restart_tries=tries, restart_after=NOW)
    assert ran_well(vm, NOW - 1) == vm
    after = ran_well(vm, NOW)
    assert (after.restart_tries, after.restart_after) == (0, 0.0)


def test_a_try_is_counted_with_the_start_that_is_sent() -> None:
    plan = CRASHED.plan()
    assert len(plan.commands) == 1
    (change,) = plan.transitions
    assert change.after is not None
    assert (change.after.restart_tries, change.after.restart_after) == (1, NOW + 30)


def test_a_start_that_is_held_is_no_try() -> None:
    (change,) = but(CRASHED, policy={"starts_per_pass_max": 0}).plan().transitions
    assert change.after is not None
    assert change.after.restart_tries == 0


def test_after_the_last_try_it_has_failed_and_somebody_is_told() -> None:
    decision = but(CRASHED, record={"restart_tries": 3}).decision()
    assert decision.command is None
    assert decision.alert
    assert decision.finding is Finding.CRASHED
    assert decision.transition is not None
    assert decision.transition.after is not None
    assert decision.transition.after.phase is VmPhase.FAILED
    assert "given up" in decision.why


def test_what_failed_waits_for_a_person() -> None:
    decision = but(CRASHED, record={"phase": VmPhase.FAILED}).decision()
    assert decision.command is None
    assert "waits for a person" in decision.why


def test_a_try_too_early_says_when_the_next_one_is() -> None:
    decision = but(CRASHED, record={"restart_after": NOW + 12}).decision()
    assert decision.command is None
    assert "in 12 s" in decision.why


def test_a_try_that_lies_further_ahead_than_its_pause_is_due() -> None:
    """The clock was set back by a day since."""
    crashed = record(restart_tries=1, restart_after=NOW + 60)
    assert pace(crashed, POLICY, NOW) == Pace(allowed=False, note="the next try is in 60 s")
    assert pace(crashed, POLICY, NOW - 1) == GO
    assert pace(record(restart_tries=1, restart_after=NOW + 86_400), POLICY, NOW) == GO
