"""A request about a VM that another host showed too: it waits for a new look there."""

import pytest

from tests.parts import NOW, OTHER, VM, copy_elsewhere, operation
from tests.worlds import World, but, owned, owned_stopped
from vmuster.model.commands import StopVm
from vmuster.model.plan import LookWish
from vmuster.model.states import MarkVerdict, OperationKind, OperationState, PowerState
from vmuster.reconcile.ownership import LEFT

K = OperationKind
ACTS = (K.START, K.STOP, K.RELEASE)


def asked(world: World, kind: OperationKind, **changes: object) -> World:
    return but(world, operation=operation(kind, **changes))


COPY = {"power": PowerState.STOPPED, "active_since": 0}


def copied(kind: OperationKind, **copy: object) -> World:
    """A request of number 95 about a VM of which another host showed a copy."""
    world = owned_stopped() if kind is K.START else owned()
    return asked(but(world, elsewhere=(copy_elsewhere(**copy),)), kind, intake=95)


@pytest.mark.parametrize("kind", ACTS)
def test_a_request_waits_for_a_new_look_at_where_the_vm_was_seen_before(
    kind: OperationKind,
) -> None:
    world = copied(kind, **COPY, asked_after=94)
    plan = world.plan()
    (decision,) = plan.decisions
    assert decision.command is None
    assert decision.operation is not None
    assert decision.operation.state is OperationState.PENDING
    assert "other is asked to look again" in decision.operation.message
    assert LookWish(host=OTHER, vms=(VM,)) in plan.looks
    waiting = but(world, operation=decision.operation).decision()
    assert waiting.operation is None, "that it waits is said once"


@pytest.mark.parametrize("kind", ACTS)
def test_it_is_refused_once_the_other_host_has_looked_and_still_shows_it(
    kind: OperationKind,
) -> None:
    refused = copied(kind, **COPY, asked_after=95).decision().operation
    assert refused is not None
    assert refused.state is OperationState.FAILED
    assert "the same VM is also seen on another host" in refused.message


def test_it_is_sent_once_the_other_host_has_looked_and_nothing_is_left_there() -> None:
    gone = copy_elsewhere(absent=True, absence_confirmed=True, asked_after=95)
    assert isinstance(but(copied(K.STOP), elsewhere=(gone,)).decision().command, StopVm)


@pytest.mark.parametrize(
    ("power", "waits"),
    [(PowerState.RUNNING, True), (PowerState.UNKNOWN, True), (PowerState.STOPPED, False)],
)
def test_it_is_not_sent_while_what_ran_there_may_be_left(power: PowerState, *, waits: bool) -> None:
    """It may be one of two; that which was off there is none."""
    gone = copy_elsewhere(absent=True, power=power, active_since=0, asked_after=95)
    decision = but(copied(K.STOP), elsewhere=(gone,)).decision()
    assert (decision.command is None) is waits
    assert (LEFT in decision.why) is waits


def test_it_is_given_up_at_its_deadline() -> None:
    late = but(copied(K.STOP, asked_after=94), operation={"deadline_at": NOW}).decision().operation
    assert late is not None
    assert late.state is OperationState.FAILED
    assert "before its deadline" in late.message


def test_it_does_not_wait_where_something_else_refuses_it_for_good() -> None:
    world = but(copied(K.STOP, **COPY, asked_after=94), mark={"generation": 2})
    newer = world.decision().operation
    assert newer is not None
    assert newer.state is OperationState.FAILED
    assert "its mark is newer than our records: adopt it again" in newer.message


def test_the_reason_that_stays_is_said_before_the_one_that_may_pass() -> None:
    stranger = copy_elsewhere(host="third", mark=MarkVerdict.NONE)
    world = copied(K.START, **COPY, asked_after=94)
    refused = but(world, elsewhere=(*world.elsewhere, stranger)).decision().operation
    assert refused is not None
    assert refused.message == "refused: it may be running on another host"


@pytest.mark.parametrize(
    ("age", "actor", "state"),
    [
        (9.9, "anna", OperationState.PENDING),
        (10.0, "anna", OperationState.FAILED),
        (9.9, "vmuster", OperationState.FAILED),
    ],
)
def test_a_start_waits_a_while_for_the_witness_of_a_host_that_lost_the_vm(
    age: float, actor: str, state: OperationState
) -> None:
    gone = copy_elsewhere(absent=True, asked_after=95, power=PowerState.STOPPED, active_since=0)
    world = but(owned_stopped(), elsewhere=(gone,), policy={"confirm_after_seconds": 10.0})
    operation_after = (
        asked(world, K.START, intake=95, created_at=NOW - age, actor=actor).decision().operation
    )
    assert operation_after is not None
    assert operation_after.state is state
    if state is OperationState.FAILED:
        assert f"vmuster vm forget {VM} --on {OTHER}" in operation_after.message
