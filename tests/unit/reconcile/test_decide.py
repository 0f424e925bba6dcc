"""The order of questions about one VM, and what each kind of VM comes to."""

import pytest

from tests.parts import HOST, OTHER, VM, copy_elsewhere, operation
from tests.worlds import (
    alien,
    but,
    drafted,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    owned_stopped,
)
from vmuster.model.commands import StartVm, StopVm
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Drift,
    Finding,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    StopMethod,
    UnknownVms,
)
from vmuster.reconcile.decide import decide, standing_of
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.explain import standing_words
from vmuster.reconcile.lifecycle import PhaseEvent

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
ENFORCE = {"drift": Drift.ENFORCE}


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
    asked = {wish.host for wish in world.plan().looks}
    assert (OTHER in asked) is (here is not PowerState.UNKNOWN), "what can't be told stays at home"
    assert drafted(but(world, elsewhere=(copy_elsewhere(host="third"), *world.elsewhere))) == Draft(
        pair=but(world, elsewhere=(copy_elsewhere(host="third"), *world.elsewhere)).pair,
        standing=Standing.OWNED,
        finding=Finding.UNCLEAR,
        rule="active-elsewhere",
        why=f"it is {here} here and was seen active on other, third",
    )


@pytest.mark.parametrize("ran_before", [False, True])
def test_what_ran_elsewhere_until_nobody_could_tell_is_no_stopped_vm_here(ran_before: bool) -> None:
    untold = copy_elsewhere(power=PowerState.UNKNOWN, active_since=50 if ran_before else 0)
    rule = but(owned(), seen={"power": PowerState.STOPPED}, elsewhere=(untold,)).decision().rule
    assert (rule == "active-elsewhere") is ran_before


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
    draft = drafted(gone)
    assert draft.operation is not None
    assert draft.operation.state is OperationState.DONE
    assert draft == Draft(
        pair=gone.pair,
        standing=None,
        finding=Finding.UNCLEAR,
        rule="gone",
        why="it is gone; stop done: it is stopped",
        operation=draft.operation,
    )


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


@pytest.mark.parametrize(
    ("power", "event"),
    [
        (PowerState.RUNNING, PhaseEvent.SEEN_RUNNING),
        (PowerState.STOPPED, PhaseEvent.SEEN_STOPPED),
        (PowerState.CRASHED, PhaseEvent.SEEN_CRASHED),
        (PowerState.PAUSED, None),
        (PowerState.UNKNOWN, None),
    ],
)
def test_a_record_that_follows_takes_what_is_seen_where_it_arrives(
    power: PowerState, event: PhaseEvent | None
) -> None:
    lost = copy_elsewhere(absent=True, absence_confirmed=True, active_since=0)
    world = but(moved(), seen={"power": power}, elsewhere=(lost,))
    assert drafted(world) == Draft(
        pair=world.pair,
        standing=Standing.MOVED,
        finding=Finding.MOVED,
        rule="standing-7",
        why="found our VM away from home: i-2-78-VM; rule 7: ours, with a good mark, but its"
        " record says another host; its home other looked again and no longer has it: the record"
        " follows",
        event=event,
        host=HOST,
    )


def test_a_record_that_may_not_follow_yet_says_who_looks_first() -> None:
    lost = copy_elsewhere(absent=True, absence_confirmed=True, active_since=0)
    world = but(moved(), seen={"power": PowerState.STOPPED}, elsewhere=(lost,), asked_after=89)
    draft = drafted(world)
    assert (draft.ask, draft.host, draft.event) == (HOST, None, None)
    assert draft.why.endswith("; this host is asked to look again")


def test_a_start_that_is_enforced_needs_a_whole_account_and_asks_for_it() -> None:
    world = but(owned_stopped(), policy=ENFORCE)
    draft = drafted(world)
    assert isinstance(draft.command, StartVm)
    assert draft == Draft(
        pair=world.pair,
        standing=Standing.OWNED,
        finding=Finding.STOPPED_OUTSIDE,
        rule="stopped-outside",
        why="it should run, and was stopped by its guest or by a hand that is not ours",
        event=PhaseEvent.SEEN_STOPPED,
        follows=True,
        command=draft.command,
        operation=draft.operation,
    )
    few = but(world, completeness=Completeness.PARTIAL)
    partial = drafted(few)
    assert (partial.command, partial.note) == (None, "the report is not a complete one")
    assert partial.wants_complete
    doubted = drafted(but(few, doubts=("VM 7 could not be read",)))
    assert (doubted.command, doubted.note) == (None, partial.note)
    assert not doubted.wants_complete, "it would be asked again at every answer, while that lasts"


def test_a_stop_that_is_enforced_asks_the_guest() -> None:
    world = but(owned(), record={"desired": DesiredState.STOPPED}, policy=ENFORCE)
    stop = drafted(world).command
    assert isinstance(stop, StopVm)
    assert stop.method is StopMethod.SHUTDOWN


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.OWNED, Standing.MOVED}))
def test_a_stranger_is_said_to_be_one_and_no_record_is_touched(standing: Standing) -> None:
    world = but(WORLDS[standing], policy={"unknown_vms": UnknownVms.LEAVE})
    rule = standing_of(world.pair, world.recorded, world.report)
    assert drafted(world) == Draft(
        pair=world.pair,
        standing=standing,
        finding=Finding(standing.value),
        rule=f"standing-{rule.number}",
        why=standing_words(world.pair, rule, world.recorded),
        alert=standing not in QUIET,
    )


@pytest.mark.parametrize("standing", Standing)
def test_while_an_operation_is_in_flight_everything_else_waits(standing: Standing) -> None:
    """What is strange about it is told at once all the same."""
    world = WORLDS[standing]
    wish = operation(OperationKind.STOP, state=OperationState.RUNNING)
    flying = but(world, operation=wish, record={"host": HOST} if world.record else None)
    rule = standing_of(flying.pair, flying.recorded, flying.report)
    owned = rule.standing is Standing.OWNED
    strange = rule.standing not in QUIET
    words = f"; {standing_words(flying.pair, rule, flying.recorded)}" if strange else ""
    assert drafted(flying) == Draft(
        pair=flying.pair,
        standing=rule.standing,
        finding=Finding.IN_FLIGHT if owned else Finding(rule.standing.value),
        rule="in-flight",
        why=f"stop by ann is in flight; it is seen running{words}",
        alert=strange,
    )
