"""When a record follows a VM to another host: only after its old home has looked again."""

import pytest

from tests.parts import HOST, OTHER, copy_elsewhere, sighting
from tests.worlds import World, but, moved
from vmuster.model.ids import HostId
from vmuster.model.policy import Policy
from vmuster.model.states import Finding, MarkVerdict, PowerReason, PowerState, VmPhase
from vmuster.reconcile.classify import LEFT
from vmuster.reconcile.moves import Move, move

STOPPED = {"power": PowerState.STOPPED, "reason": PowerReason.HAND, "active_since": 0}


def judged(world: World) -> Move:
    return move(world.pair, world.report, world.policy)


def home(**changes: object) -> World:
    """Seen active here since number 50; `changes` to what its old home showed last."""
    return but(moved(), elsewhere=(copy_elsewhere(**changes),))


def stays(why: str, *, ask: HostId | None = None) -> Move:
    return Move(follows=False, why=why, ask=ask)


GONE = Move(
    follows=True, why="its home other looked again and no longer has it: the record follows"
)
STILL = Move(follows=True, why="its home other looked again and has it stopped: the record follows")
WAITS = Move(follows=True, why="its home other looked again and has it paused: the record follows")
AGAIN = stays("its home other is asked to look again", ask=OTHER)
SHOWED = stays("its home other showed it active and is asked again", ask=OTHER)
UNTOLD = stays("its home other can't tell whether it runs and is asked again", ask=OTHER)
FIRST = stays("its home other is asked to look first", ask=OTHER)


@pytest.mark.parametrize(
    ("world", "move"),
    [
        (home(absent=True, active_since=0), GONE),
        (home(**STOPPED), STILL),
        (home(**STOPPED, asked_after=50), STILL),
        (but(home(**STOPPED, asked_after=50), here={"taken_in": 80}), STILL),
        (home(**STOPPED, asked_after=49), AGAIN),
        (home(absent=True, asked_after=49), AGAIN),
        (home(), SHOWED),
        (home(power=PowerState.PAUSED), SHOWED),
        (home(power=PowerState.PAUSED, reason=PowerReason.MIGRATING, active_since=0), WAITS),
        (home(power=PowerState.UNKNOWN), SHOWED),
        (home(power=PowerState.UNKNOWN, active_since=0), UNTOLD),
        (home(power=PowerState.UNKNOWN, active_since=0, absent=True), GONE),
        (home(host="a third host"), FIRST),
        (but(moved(), elsewhere=()), FIRST),
        (but(moved(), here=None), AGAIN),
        (
            but(moved(), policy={"track_host_change": False}),
            stays("its record stays (track_host_change is off)"),
        ),
        (but(moved(), record={"host": None}), stays("its record names no other host")),
    ],
)
def test_the_record_follows_only_a_look_of_its_old_home(world: World, move: Move) -> None:
    assert judged(world) == move


LACKS = {"absent": True, "absence_confirmed": True}


@pytest.mark.parametrize(
    ("lost", "asked_after", "move"),
    [
        (LACKS, 95, GONE),
        (LACKS, 90, GONE),
        (LACKS, 89, stays("this host is asked to look again", ask=HOST)),
        (
            {"absent": True},
            95,
            stays("its home other lacks it, and nobody confirmed that", ask=OTHER),
        ),
        ({}, 95, stays("it is stopped here and on its home other")),
    ],
)
def test_a_stopped_vm_is_followed_only_where_its_home_surely_lost_it_before(
    lost: dict[str, bool], asked_after: int, move: Move
) -> None:
    """Its process may run on at home unseen, or it may have arrived here since this look."""
    world = home(**STOPPED, **lost)
    away = but(world, seen={"power": PowerState.STOPPED}, here=STOPPED, asked_after=asked_after)
    assert judged(away) == move


THIRD = HostId("third")
ON_THIRD = stays("it is stopped here and was seen active on third")
UNTOLD_NOW = {"power": PowerState.UNKNOWN, "active_since": 40}


@pytest.mark.parametrize(
    ("copy", "move"),
    [
        ({}, ON_THIRD),
        (UNTOLD_NOW, ON_THIRD),
        ({"mark": MarkVerdict.NONE}, GONE),
        (STOPPED, GONE),
        ({**UNTOLD_NOW, "active_since": 0}, GONE),
        ({**LACKS, "active_since": 0}, GONE),
    ],
)
def test_what_is_not_active_here_is_not_followed_while_a_third_host_may_run_it(
    copy: dict[str, object], move: Move
) -> None:
    world = home(**STOPPED, **LACKS)
    third = copy_elsewhere(host=THIRD, **copy)
    both = but(world, elsewhere=(*world.elsewhere, third), asked_after=95)
    assert judged(but(both, seen={"power": PowerState.STOPPED}, here=STOPPED)) == move
    assert judged(both).follows


@pytest.mark.parametrize(
    ("power", "reason", "left"),
    [
        (PowerState.STOPPED, PowerReason.MIGRATED, True),
        (PowerState.STOPPED, PowerReason.HAND, False),
        (PowerState.RUNNING, PowerReason.MIGRATED, False),
    ],
)
def test_the_record_does_not_follow_to_where_a_vm_left_by_migration(
    power: PowerState, reason: PowerReason, left: bool
) -> None:
    """It went back to a home that has not looked since: there it runs, and here it is no news."""
    away = but(home(**STOPPED, **LACKS), seen={"power": power, "reason": reason})
    here = sighting() if power is PowerState.RUNNING else STOPPED
    followed = judged(but(away, here=here, asked_after=95))
    assert followed.follows is not left
    assert (followed == AGAIN) is left


LEFT_HERE = STOPPED | {"reason": PowerReason.MIGRATED}


@pytest.mark.parametrize(
    ("at_home", "here", "asked_after", "judgement"),
    [
        (LACKS, LEFT_HERE, 95, GONE),
        (LACKS, LEFT_HERE, 89, stays("this host is asked to look again", ask=HOST)),
        (LACKS, STOPPED, 95, AGAIN),
        (LACKS, LEFT_HERE | {"absent": True}, 95, AGAIN),
        (LACKS | {"asked_after": 40}, LEFT_HERE, 95, AGAIN),
        (
            {"absent": True},
            LEFT_HERE,
            95,
            stays("its home other lacks it, and nobody confirmed that", ask=OTHER),
        ),
        ({}, LEFT_HERE, 95, stays(LEFT.why)),
        ({"host": THIRD}, LEFT_HERE, 95, stays(LEFT.why)),
    ],
)
def test_what_a_migration_left_is_followed_once_its_home_surely_lost_it_later(
    at_home: dict[str, object], here: dict[str, object], asked_after: int, judgement: Move
) -> None:
    """It was left for a home that has looked since, and has it no more: nothing else is left."""
    world = home(**STOPPED, **at_home)
    seen = {"power": PowerState.STOPPED, "reason": PowerReason.MIGRATED}
    assert judged(but(world, seen=seen, here=here, asked_after=asked_after)) == judgement


def test_for_a_vm_that_newly_runs_here_its_home_must_look_after_that_was_seen() -> None:
    """What was seen stopped here before says nothing of when it began to run."""
    world = home(absent=True, asked_after=1000)
    newly = judged(but(world, here=sighting(**STOPPED, taken_in=80)))
    assert (newly.follows, newly.ask) == (False, OTHER)
    assert judged(but(world, here=sighting(active_since=80, taken_in=90))).follows


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
