"""Who is asked to look again, and that no one is asked twice or without need."""

import itertools
from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, NOW, OTHER, VM, copy_elsewhere, operation
from tests.worlds import (
    World,
    alien,
    but,
    copy_of,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    together,
)
from vmuster.model.ids import VmUuid
from vmuster.model.plan import LookWish
from vmuster.model.states import (
    Completeness,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
)
from vmuster.reconcile.engine import reconcile

UNKNOWN = {"ghost": ghost(), "orphan": orphan(), "lookalike": lookalike(), "alien": alien()}
TWICE = (LookWish(host=HOST), LookWish(host=HOST, again_after_seconds=10.0))


def partial(world: World, **changes: object) -> World:
    return but(world, completeness=Completeness.PARTIAL, **changes)


@pytest.mark.parametrize("world", UNKNOWN.values())
def test_an_unknown_vm_in_a_partial_report_is_looked_at_in_full_twice(world: World) -> None:
    plan = partial(world, here=None).plan()
    assert plan.looks == TWICE
    assert plan.commands == ()


@pytest.mark.parametrize(("name", "reports"), [*itertools.product(UNKNOWN, [0, 1, 2])])
def test_one_that_is_known_of_is_not_asked_for_again(name: str, reports: int) -> None:
    """Or a host that can give PARTIAL reports only would be asked for ever."""
    world = partial(UNKNOWN[name], here={"complete_reports": reports})
    assert world.plan().looks == ()


@pytest.mark.parametrize("world", [*UNKNOWN.values(), owned(), marked(MarkVerdict.FOREIGN)])
def test_a_complete_report_asks_for_nothing(world: World) -> None:
    assert world.plan().looks == ()


def test_many_unknown_vms_ask_once() -> None:
    recorded, report = together(*(copy_of(but(lookalike(), here=None), n) for n in (1, 2, 3)))
    report = msgspec.structs.replace(report, completeness=Completeness.PARTIAL)
    assert reconcile(recorded, report, lookalike().policy, NOW).looks == TWICE


def test_the_home_of_a_moved_vm_is_asked() -> None:
    world = but(moved(), elsewhere=())
    assert world.plan().looks == (LookWish(host=OTHER, vms=(VM,)),)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_home_that_is_known_to_have_lost_it_gives_a_whole_account_once_more(
    confirmed: bool,
) -> None:
    """Or two hosts that report in step would ask one another for ever."""
    off = {"power": PowerState.STOPPED}
    gone = copy_elsewhere(absent=True, absence_confirmed=confirmed, asked_after=0, **off)
    world = but(moved(), elsewhere=(gone,), seen=off, here=off | {"active_since": 0})
    by_name, whole = LookWish(host=OTHER, vms=(VM,)), LookWish(host=OTHER, again_after_seconds=10.0)
    assert by_name in world.plan().looks
    assert (whole in world.plan().looks) is confirmed


def test_a_vm_whose_record_followed_it_here_is_looked_at_again() -> None:
    assert moved().plan().looks == (LookWish(host=HOST, vms=(VM,)),)


@pytest.mark.parametrize(
    ("home", "there", "asked"),
    [
        ({}, {}, True),
        ({"power": PowerState.UNKNOWN}, {}, False),
        ({"power": PowerState.STOPPED}, {}, True),
        (None, {}, True),
        (None, {"power": PowerState.STOPPED}, True),
        ({}, {"power": PowerState.STOPPED}, False),
        ({}, {"absent": True}, False),
        (None, {"mark": MarkVerdict.NONE}, False),
    ],
)
def test_the_other_host_is_asked_by_the_home(
    home: dict[str, object] | None, there: dict[str, object], asked: bool
) -> None:
    copy = copy_elsewhere(**({"asked_after": 0} | there))
    world = but(owned(), elsewhere=(copy,), seen=home, absent=() if home is not None else (VM,))
    assert (LookWish(host=OTHER, vms=(VM,)) in world.plan().looks) is asked


def test_nobody_else_is_asked_about_a_vm_that_a_process_holds_at_home() -> None:
    """It may run there: its record stays, and each answer would be the next question."""
    world = but(owned(), elsewhere=(copy_elsewhere(asked_after=0),), seen=None)
    assert but(world, absent=(VM,)).plan().looks == (LookWish(host=OTHER, vms=(VM,)),)
    assert but(world, held=(VM,)).plan().looks == ()


@pytest.mark.parametrize(
    "world",
    [
        but(owned(), record={"host": OTHER}),
        but(owned(), record={"host": None}),
        ghost(),
        orphan(),
    ],
    ids=["lives elsewhere", "lives nowhere yet", "deleted", "not recorded"],
)
@pytest.mark.parametrize("seen", [True, False])
def test_where_it_does_not_live_nobody_else_is_asked(world: World, seen: bool) -> None:
    copied = but(world, elsewhere=(copy_elsewhere(host="third", asked_after=0),))
    looks = (copied if seen else but(copied, seen=None, absent=(VM,))).plan().looks
    assert "third" not in {wish.host for wish in looks}


def asked_at_home(kind: OperationKind = OperationKind.STOP, **changes: object) -> World:
    """This host shows a copy of a VM that lives on the other one, where a request waits for it.
    The last look here began before the request, this one after it."""
    wish = operation(kind, host=OTHER, intake=95)
    here = {"asked_after": 94, "active_since": 0, "power": PowerState.STOPPED}
    away = but(owned(), record={"host": OTHER}, operation=wish, asked_after=95)
    return but(away, **({"seen": None, "absent": (VM,), "here": here} | changes))


def test_the_home_is_asked_once_the_look_that_a_request_waits_for_was_taken_in() -> None:
    assert asked_at_home().plan().looks == (LookWish(host=OTHER, vms=(VM,)),)
    whole = asked_at_home(absent=()).plan()
    assert LookWish(host=OTHER, vms=(VM,)) in whole.looks, "it says by its silence that it lacks it"
    start = asked_at_home(OperationKind.START).plan()
    assert start.looks == (LookWish(host=OTHER),), "a start needs a whole account"
    partial_look = asked_at_home(completeness=Completeness.PARTIAL)
    assert partial_look.plan().looks == (LookWish(host=OTHER, vms=(VM,)),)


@pytest.mark.parametrize(
    "changes",
    [
        {"asked_after": 94},
        {"here": {"asked_after": 95}},
        {"here": None},
        {"operation": {"state": OperationState.RUNNING}},
        {"operation": None},
        {"record": {"host": HOST}},
        {"record": {"removed_at": 5.0}},
        {"completeness": Completeness.PARTIAL, "absent": ()},
    ],
)
def test_it_is_not_asked_where_nothing_waits_for_this_very_look(changes: dict[str, object]) -> None:
    assert LookWish(host=OTHER, vms=(VM,)) not in but(asked_at_home(), **changes).plan().looks


def test_duplicates_ask_no_one() -> None:
    assert duplicate().plan().looks == ()


def test_of_many_whose_absence_is_in_doubt_some_are_asked_for_and_each_in_its_turn() -> None:
    """Too many at once would be one look at everything, which would ask for them all again."""
    asked: set[VmUuid] = set()
    left = but(owned(), record={"host": OTHER}, here={"absent": True})
    recorded, report = together(*(copy_of(left, n) for n in range(1, 71)))
    shown = (msgspec.structs.replace(report.vms[0], uuid=VmUuid(UUID(int=999))),)
    report = msgspec.structs.replace(report, vms=shown)
    for intake in range(100, 170):
        numbered = msgspec.structs.replace(recorded, intake=intake)
        plan = reconcile(numbered, report, left.policy, NOW)
        (wish,) = [w for w in plan.looks if w.vms]
        assert len(wish.vms) <= 32
        asked |= set(wish.vms)
    assert len(asked) == 70
