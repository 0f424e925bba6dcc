"""When a record follows a VM to another host: only after its old home has looked again."""

import pytest

from tests.parts import HOST, OTHER, copy_elsewhere, sighting
from tests.worlds import World, but, moved
from vmuster.model.policy import Policy
from vmuster.model.states import Finding, PowerReason, PowerState, VmPhase
from vmuster.reconcile.moves import Move, move

STOPPED = {"power": PowerState.STOPPED, "reason": PowerReason.HAND, "active_since": 0}


def judged(world: World) -> Move:
    return move(world.pair, world.report, world.policy)


def home(**changes: object) -> World:
    """Seen active here since number 50; `changes` to what its old home showed last."""
    return but(moved(), elsewhere=(copy_elsewhere(**changes),))


@pytest.mark.parametrize(
    ("world", "follows", "asks", "words"),
    [
        (home(absent=True, active_since=0), True, False, "no longer has it"),
        (home(**STOPPED), True, False, "has it stopped"),
        (home(**STOPPED, asked_after=50), True, False, "has it stopped"),
        (home(**STOPPED, asked_after=49), False, True, "asked to look again"),
        (home(absent=True, asked_after=49), False, True, "asked to look again"),
        (home(), False, True, "showed it active"),
        (home(power=PowerState.PAUSED), False, True, "showed it active"),
        (home(host="a third host"), False, True, "asked to look first"),
        (but(moved(), elsewhere=()), False, True, "asked to look first"),
        (but(moved(), here=None), False, True, "asked to look again"),
        (but(moved(), policy={"track_host_change": False}), False, False, "track_host_change"),
        (but(moved(), record={"host": None}), False, False, "no other host"),
    ],
)
def test_the_record_follows_only_a_look_of_its_old_home(
    world: World, follows: bool, asks: bool, words: str
) -> None:
    judgement = judged(world)
    assert judgement.follows is follows
    assert (judgement.ask is not None) is asks
    assert words in judgement.why


@pytest.mark.parametrize(
    ("lost", "asked_after", "follows"),
    [
        ({"absent": True, "absence_confirmed": True}, 95, True),
        ({"absent": True, "absence_confirmed": True}, 89, False),
        ({"absent": True}, 95, False),
        ({}, 95, False),
    ],
)
def test_a_stopped_vm_is_followed_only_where_its_home_surely_lost_it_before(
    lost: dict[str, bool], asked_after: int, follows: bool
) -> None:
    """Its process may run on at home unseen, or it may have arrived here since this look."""
    world = home(**STOPPED, **lost)
    away = but(world, seen={"power": PowerState.STOPPED}, here=STOPPED, asked_after=asked_after)
    assert judged(away).follows is follows


def test_a_vm_that_was_stopped_at_first_must_be_looked_for_since_it_was_last_taken_in() -> None:
    stopped_here = sighting(**STOPPED, taken_in=80)
    for asked, follows in ((79, False), (80, True)):
        world = but(home(absent=True, asked_after=asked), here=stopped_here)
        assert judged(world).follows is follows


def test_the_record_takes_its_host_and_its_state_together() -> None:
    (change,) = moved().plan().transitions
    assert change.after is not None
    assert (change.before.host, change.after.host) == (OTHER, HOST)
    assert change.after.phase is VmPhase.RUNNING


def test_what_may_not_follow_changes_nothing_and_asks_the_home() -> None:
    plan = home(asked_after=49).plan()
    assert plan.decisions[0].finding is Finding.MOVED
    assert plan.transitions == ()
    assert [wish.host for wish in plan.looks] == [OTHER]


def test_with_tracking_off_the_record_stays_and_somebody_is_told() -> None:
    world = but(moved(), policy=Policy(track_host_change=False))
    decision = world.decision()
    assert decision.finding is Finding.MOVED
    assert decision.alert
    assert world.plan().transitions == ()
    assert world.plan().looks == ()
