"""The order of questions about one VM, and what each kind of VM comes to."""

import pytest

from tests.parts import OTHER, VM, copy_elsewhere, operation
from tests.worlds import (
    alien,
    but,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    owned_stopped,
)
from vmuster.model.ids import HostId
from vmuster.model.states import (
    DesiredState,
    Drift,
    Finding,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    UnknownVms,
)
from vmuster.reconcile.decide import decide, standing_of

WORLDS = {
    Standing.OWNED: owned(),
    Standing.MOVED: moved(),
    Standing.DUPLICATE: duplicate(),
    Standing.GHOST: ghost(),
    Standing.ORPHAN: orphan(),
    Standing.LOOKALIKE: lookalike(),
    Standing.CLONE: marked(MarkVerdict.COPIED),
    Standing.FOREIGN: marked(MarkVerdict.FOREIGN),
    Standing.UNPROVEN: marked(MarkVerdict.FORGED),
    Standing.ALIEN: alien(),
}
QUIET = {Standing.OWNED, Standing.MOVED, Standing.ALIEN}


@pytest.mark.parametrize("standing", Standing)
def test_each_standing_has_its_finding(standing: Standing) -> None:
    decision = WORLDS[standing].decision()
    assert decision.standing is standing
    expected = Finding.IN_SYNC if standing is Standing.OWNED else Finding(standing.value)
    assert decision.finding is expected
    assert decision.alert is (standing not in QUIET)


@pytest.mark.parametrize("standing", Standing)
def test_standing_is_what_the_table_says_of_the_facts(standing: Standing) -> None:
    world = WORLDS[standing]
    assert standing_of(world.pair, world.recorded, world.report).standing is standing


@pytest.mark.parametrize("rung", UnknownVms)
def test_strays_are_stopped_by_the_rung_that_names_them(rung: UnknownVms) -> None:
    rungs = list(UnknownVms)
    for world, least in (
        (ghost(), UnknownVms.STOP_BY_MARK),
        (lookalike(), UnknownVms.STOP_BY_NAME),
    ):
        decision = but(world, policy={"unknown_vms": rung}).decision()
        assert (decision.command is not None) is (rungs.index(rung) >= rungs.index(least))


@pytest.mark.parametrize("here", [PowerState.STOPPED, PowerState.CRASHED, PowerState.UNKNOWN])
@pytest.mark.parametrize("drift", Drift)
def test_what_is_active_elsewhere_is_left_alone_here(here: PowerState, drift: Drift) -> None:
    world = but(
        owned(), seen={"power": here}, policy={"drift": drift}, elsewhere=(copy_elsewhere(),)
    )
    decision = world.decision()
    assert (decision.finding, decision.rule) == (Finding.UNCLEAR, "active-elsewhere")
    assert decision.command is None
    assert not decision.alert
    assert decision.transition is None or decision.transition.after is not None
    assert world.plan().looks[0].host == OTHER


def test_stopped_on_both_hosts_starts_nothing() -> None:
    copy = copy_elsewhere(power=PowerState.STOPPED)
    world = but(owned_stopped(), policy={"drift": Drift.ENFORCE}, elsewhere=(copy,))
    assert world.decision().command is None
    assert "also seen on another host" in world.decision().why


@pytest.mark.parametrize("drift", Drift)
@pytest.mark.parametrize("desired", DesiredState)
def test_a_paused_vm_is_told_and_left_alone(drift: Drift, desired: DesiredState) -> None:
    world = but(owned(), seen={"power": PowerState.PAUSED}, record={"desired": desired})
    decision = but(world, policy={"drift": drift}).decision()
    assert decision.finding is Finding.PAUSED
    assert decision.alert
    assert decision.command is None


def test_a_vm_asked_to_go_is_stopped_under_any_drift() -> None:
    for drift in Drift:
        going = but(owned(), record={"desired": DesiredState.ABSENT}, policy={"drift": drift})
        assert going.decision().command is not None
        assert but(going, host={"mode": HostMode.OBSERVE}).decision().command is None


def test_a_stranger_that_is_gone_needs_no_word() -> None:
    gone = but(alien(), seen=None)
    assert decide(gone.pair, gone.recorded, gone.report, gone.policy, gone.now) is None


def test_an_operation_on_what_is_gone_ends_with_a_word() -> None:
    wish = operation(OperationKind.STOP, state=OperationState.RUNNING)
    gone = but(lookalike(), seen=None, operation=wish, absent=(VM,))
    draft = decide(gone.pair, gone.recorded, gone.report, gone.policy, gone.now)
    assert draft is not None
    assert (draft.rule, draft.finding) == ("gone", Finding.UNCLEAR)
    assert draft.operation is not None
    assert draft.operation.state is OperationState.DONE


def test_an_operation_that_ends_lets_no_new_one_begin_in_the_same_pass() -> None:
    late = operation(OperationKind.START, state=OperationState.RUNNING, deadline_at=0.0)
    world = but(owned_stopped(), policy={"drift": Drift.ENFORCE}, operation=late)
    decision = world.decision()
    assert decision.operation is not None
    assert (decision.operation.state, decision.command) == (OperationState.FAILED, None)
    assert but(world, operation=None).decision().command is not None


def test_a_request_about_a_stranger_says_what_it_is() -> None:
    decision = but(alien(), operation=operation(OperationKind.STOP)).decision()
    assert decision.finding is Finding.ALIEN
    assert decision.operation is not None
    assert "never ours to act on" in decision.operation.message


def test_another_home_gives_another_standing() -> None:
    assert but(owned(), record={"host": HostId("x")}).decision().standing is Standing.MOVED
    assert but(owned(), record={"uuid": VM, "host": None}).decision().standing is Standing.OWNED
