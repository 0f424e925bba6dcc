"""What becomes of an operation: reached, given up, or still open; by looks alone."""

import itertools

import msgspec
import pytest

from tests.parts import NOW, OTHER, observation, operation, record
from tests.worlds import World, but, ghost, lookalike, owned, owned_stopped
from vmuster.model.mark import NO_MARK, MarkJudgement
from vmuster.model.states import (
    Finding,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
)
from vmuster.reconcile.inflight import Flight, refuse, settle, waiting

K, S = OperationKind, OperationState
FORGED = MarkJudgement(verdict=MarkVerdict.FORGED)
UNMARKED = but(owned(), seen={"mark": None}, mark=NO_MARK)
OLD_MARK = but(owned(), record={"mark_generation": 2})
UNSEEN = but(owned(), seen=None)


def flight(kind: OperationKind, world: World, *, late: bool = False, **changes: object) -> Flight:
    wish = operation(kind, deadline_at=NOW if late else NOW + 1, **changes)
    return settle(wish, world.pair, world.report.asked_after, NOW)


REACHED = {
    (K.START, "owned"),
    (K.START, "unmarked"),
    (K.START, "old mark"),
    (K.START, "forged"),
    (K.STOP, "stopped"),
    (K.STOP, "crashed"),
    (K.ADOPT, "owned"),
    (K.ADOPT, "stopped"),
    (K.ADOPT, "crashed"),
    (K.ADOPT, "paused"),
    (K.ADOPT, "unknown"),
    (K.RELEASE, "unmarked"),
    (K.STOP, "stranger gone"),
    (K.STOP, "ghost gone"),
}
WORLDS = {
    "owned": owned(),
    "stopped": owned_stopped(),
    "crashed": but(owned(), seen={"power": PowerState.CRASHED}),
    "paused": but(owned(), seen={"power": PowerState.PAUSED}),
    "unknown": but(owned(), seen={"power": PowerState.UNKNOWN}),
    "unmarked": UNMARKED,
    "forged": but(owned(), mark=FORGED),
    "old mark": OLD_MARK,
    "unseen": UNSEEN,
    "stranger gone": but(lookalike(), seen=None),
    "ghost gone": but(ghost(), seen=None),
}


@pytest.mark.parametrize(("kind", "name"), [*itertools.product(OperationKind, WORLDS)])
def test_an_operation_is_done_when_it_is_seen_to_be(kind: OperationKind, name: str) -> None:
    settled = flight(kind, WORLDS[name])
    assert (settled.operation.state is S.DONE) is ((kind, name) in REACHED)
    assert settled.operation.open is ((kind, name) not in REACHED)
    assert settled.restores is ((kind, name) == (K.RELEASE, "unmarked"))


@pytest.mark.parametrize(("kind", "name"), [*itertools.product(OperationKind, WORLDS)])
def test_after_its_deadline_it_is_settled_by_what_is_seen(kind: OperationKind, name: str) -> None:
    settled = flight(kind, WORLDS[name], late=True).operation
    assert settled.state is (S.DONE if (kind, name) in REACHED else S.FAILED)
    assert settled.finished_at == NOW
    assert settled.message


def test_an_adoption_that_never_came_restores_what_was_there_before() -> None:
    assert flight(K.ADOPT, UNMARKED, late=True).restores
    assert flight(K.ADOPT, OLD_MARK, late=True).restores
    assert not flight(K.ADOPT, UNMARKED).restores


def test_a_look_that_began_before_the_request_says_nothing_of_it() -> None:
    world = owned()
    for kind in OperationKind:
        early = flight(kind, world, late=True, intake=world.report.asked_after + 1)
        assert early.operation.open
        assert not early.restores


@pytest.mark.parametrize("previous", [None, "tombstone", "record"])
def test_a_failed_adoption_leaves_the_record_as_it_was(previous: str | None) -> None:
    world = but(UNMARKED, record={"generation": 5, "mark_generation": 9})
    was = {
        None: None,
        "tombstone": record(name="another", removed_at=3.0, generation=4, mark_generation=7),
        "record": record(name="another", generation=4, mark_generation=7),
    }[previous]
    late = operation(K.ADOPT, state=S.RUNNING, deadline_at=NOW, previous=was)
    decision = but(world, operation=late).decision()
    assert decision.operation is not None
    assert decision.operation.state is S.FAILED
    assert decision.transition is not None
    after = decision.transition.after
    assert decision.finding is (Finding.UNPROVEN if was is not None else Finding.LOOKALIKE)
    if was is None:
        assert after is None
    else:
        named = was.name if previous == "tombstone" else record().name
        assert after == msgspec.structs.replace(
            was, generation=5, mark_generation=9, name=named, changed_at=NOW
        )


@pytest.mark.parametrize(
    ("kind", "world", "message", "said"),
    [
        (K.STOP, owned(), "", "not reached before its deadline: seen running"),
        (
            K.STOP,
            owned(),
            "the guest does not answer",
            "not reached before its deadline: seen running; the guest does not answer",
        ),
        (K.STOP, UNSEEN, "", "not reached before its deadline: not seen"),
        (K.STOP, owned(), "done: stopped", "it was done, and then seen running"),
        (K.START, UNSEEN, "done: started", "it was done, and then not seen"),
        (K.ADOPT, UNMARKED, "refused: it is transient", "refused: it is transient"),
        (K.ADOPT, UNMARKED, "failed: no room", "failed: no room"),
    ],
)
def test_what_was_said_of_a_failure_is_kept(
    kind: OperationKind, world: World, message: str, said: str
) -> None:
    assert flight(kind, world, late=True, message=message).operation.message == said


@pytest.mark.parametrize(
    ("kind", "world", "said"),
    [
        (K.START, owned(), "it runs"),
        (K.STOP, owned_stopped(), "it is stopped"),
        (K.ADOPT, owned(), "it bears our mark"),
        (K.RELEASE, UNMARKED, "our mark is gone from it"),
    ],
)
def test_a_look_that_knew_of_the_request_settles_it(
    kind: OperationKind, world: World, said: str
) -> None:
    intake = world.report.asked_after
    wish = operation(kind, deadline_at=NOW + 1, intake=intake)
    ended = msgspec.structs.replace(wish, state=S.DONE, message=said, finished_at=NOW)
    assert flight(kind, world, intake=intake).operation == ended


def test_a_refusal_ends_it_with_its_reason() -> None:
    refused = refuse(operation(K.STOP), "it is not ours", NOW)
    assert refused == operation(
        K.STOP, state=S.FAILED, message="refused: it is not ours", finished_at=NOW
    )


def test_what_it_waits_for_is_said_and_said_once() -> None:
    wish = operation(K.STOP)
    said = waiting(wish, "a host is asked to look again")
    assert said == msgspec.structs.replace(wish, message="a host is asked to look again")
    assert said is not None
    assert waiting(said, "a host is asked to look again") is None


def test_everything_else_waits_for_an_operation_in_flight() -> None:
    running = operation(K.STOP, state=S.RUNNING)
    world = but(owned(), operation=running, policy={"drift": "enforce"})
    plan = world.plan()
    assert plan.decisions[0].finding is Finding.IN_FLIGHT
    assert plan.commands == ()
    assert plan.transitions == ()


def test_a_vm_that_says_nothing_is_unclear_even_in_flight() -> None:
    seen = observation(power=PowerState.UNKNOWN)
    for state in (S.PENDING, S.RUNNING):
        plan = but(owned(), seen=seen, operation=operation(K.STOP, state=state)).plan()
        assert plan.decisions[0].finding is Finding.UNCLEAR
        assert plan.commands == ()
        assert plan.decisions[0].operation is None


def test_a_stopped_copy_on_another_host_ends_no_operation() -> None:
    for state in (S.PENDING, S.RUNNING):
        wish = operation(K.STOP, state=state, host=OTHER)
        away = but(owned_stopped(), record={"host": OTHER}, operation=wish)
        assert away.decision().operation is None
        assert away.decision().finding is Finding.MOVED


@pytest.mark.parametrize("deadline", [0.0, NOW + 60])
def test_an_empty_list_where_vms_were_settles_nothing(deadline: float) -> None:
    wish = operation(K.STOP, state=S.RUNNING, deadline_at=deadline)
    for world in (owned(), lookalike(), ghost()):
        plan = but(world, seen=None, operation=wish).plan()
        assert [d.operation for d in plan.decisions if d.operation] == []


def test_a_reached_operation_and_the_record_settle_together() -> None:
    wish = operation(K.STOP, state=S.RUNNING)
    decision = but(owned_stopped(), operation=wish, record={"desired": "stopped"}).decision()
    assert decision.finding is Finding.IN_SYNC
    assert decision.operation is not None
    assert decision.operation.state is S.DONE
    assert decision.transition is not None


def test_a_released_vm_loses_its_record_and_becomes_a_stranger() -> None:
    decision = but(UNMARKED, operation=operation(K.RELEASE, state=S.RUNNING)).decision()
    assert decision.finding is Finding.LOOKALIKE
    assert decision.transition is not None
    assert decision.transition.after is None


def test_that_a_mark_is_gone_wakes_somebody_up_unless_it_was_to_go() -> None:
    """A look from before the release was asked for shows what the release did already."""
    for kind, mark, alert in (
        (K.RELEASE, NO_MARK, False),
        (K.RELEASE, FORGED, True),
        (K.STOP, NO_MARK, True),
    ):
        world = but(UNMARKED, mark=mark)
        wish = operation(kind, state=S.RUNNING, intake=world.report.asked_after + 1)
        decision = but(world, operation=wish).decision()
        assert decision.standing is Standing.UNPROVEN
        assert decision.alert is alert


def test_a_look_that_began_before_the_request_neither_orders_nor_refuses_anything() -> None:
    """It shows the VM running; the person saw it off, and asked for a start."""
    for kind, world in ((K.START, owned()), (K.STOP, owned()), (K.RELEASE, owned())):
        early = operation(kind, intake=world.report.asked_after + 1)
        decision = but(world, operation=early).decision()
        assert decision.finding is Finding.IN_FLIGHT
        assert (decision.command, decision.operation) == (None, None)
