"""Who is asked to look again, and that no one is asked twice or without need."""

import itertools

import msgspec
import pytest

from tests.parts import HOST, NOW, OTHER, VM, copy_elsewhere
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
from vmuster.model.plan import LookWish
from vmuster.model.states import Completeness, MarkVerdict, PowerState
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


@pytest.mark.parametrize(
    ("home", "there", "asked"),
    [
        ({}, {}, True),
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


def test_duplicates_ask_no_one() -> None:
    assert duplicate().plan().looks == ()
