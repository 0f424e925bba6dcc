"""Empty lists, and hosts that were emptied."""

import pytest

from tests.parts import VM, copy_elsewhere, sighting
from tests.worlds import World, but, owned
from vmuster.model.plan import Plan
from vmuster.model.states import (
    Completeness,
    Finding,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import Sighting
from vmuster.reconcile.holds import BELIED, EMPTIED
from vmuster.reconcile.pairing import unaccounted

EMPTY = but(owned(), seen=None)


@pytest.mark.parametrize(
    ("world", "unexplained"),
    [
        (EMPTY, True),
        (but(EMPTY, absent=(VM,)), False),
        (but(EMPTY, held=(VM,)), False),
        (but(EMPTY, completeness=Completeness.PARTIAL), False),
        (but(EMPTY, record=None), True),
        (but(EMPTY, record=None, here=sighting(absent=True)), False),
        (but(EMPTY, record=None, here=None), False),
        (but(EMPTY, here=None), True),
        (but(EMPTY, elsewhere=(copy_elsewhere(),)), False),
        (but(EMPTY, elsewhere=(copy_elsewhere(power=PowerState.STOPPED),)), True),
        (but(EMPTY, here=sighting(absent=True)), False),
        (owned(), False),
    ],
)
def test_an_empty_list_where_vms_were_is_no_information(world: World, unexplained: bool) -> None:
    assert bool(unaccounted(world.recorded, world.report)) is unexplained


def test_an_empty_list_changes_nothing_and_is_held() -> None:
    plan = EMPTY.plan()
    assert plan.held
    assert plan.transitions == ()
    assert plan.sightings == ()
    assert plan.gone == ()
    assert [(wish.host, wish.vms) for wish in plan.looks] == [("home", (VM,))]
    assert plan.decisions[0].rule == "absent-empty-list"
    assert plan.host_after is not None
    assert (plan.host_after.digest, plan.host_after.vms_seen) == ("", 0)
    assert plan.host_after.last_complete_at is None
    assert plan.host_after.trouble


@pytest.mark.parametrize(
    ("world", "trouble"),
    [
        (owned(), BELIED),
        (but(owned(), host={"trouble": BELIED}), BELIED),
        (but(owned(), host={"trouble": "it hangs"}), "it hangs"),
        (EMPTY, EMPTIED),
    ],
)
def test_an_empty_list_is_belied_by_a_later_look_that_shows_a_vm(
    world: World, trouble: str
) -> None:
    known = world.host.trouble or EMPTIED
    partial = but(world, host={"trouble": known}, completeness=Completeness.PARTIAL).plan()
    assert partial.host_after is not None
    assert partial.host_after.trouble == trouble


@pytest.mark.parametrize(("world", "trouble"), [(owned(), ""), (EMPTY, EMPTIED)])
def test_the_next_whole_list_speaks_for_itself(world: World, trouble: str) -> None:
    after = but(world, host={"trouble": BELIED}).plan().host_after
    assert after is not None
    assert after.trouble == trouble


def test_an_empty_list_forgets_no_stranger_either() -> None:
    plan = but(EMPTY, record=None).plan()
    assert plan.held
    assert (plan.gone, plan.sightings) == ((), ())


def test_the_last_vm_of_a_host_can_go_missing_when_it_is_confirmed() -> None:
    world = but(EMPTY, record={"absent_reports": 1}, absent=(VM,))
    assert world.decision().finding is Finding.MISSING
    assert world.plan().held == ""


@pytest.mark.parametrize("known", [sighting(), None])
def test_an_emptied_host_converges_by_looks_at_each_vm(known: Sighting | None) -> None:
    """Empty lists alone never settle it; the answers to what is asked do."""
    world = but(EMPTY, here=known)
    for turn in range(6):
        plan = world.plan()
        world = but(after(world, plan), completeness=Completeness.PARTIAL)
        world = but(world, absent=next((wish.vms for wish in plan.looks), ()))
        world = but(after(world, world.plan()), completeness=Completeness.COMPLETE, absent=())
        assert world.record is not None
        assert (world.record.phase is VmPhase.MISSING) is (turn >= 2)


def after(world: World, plan: Plan) -> World:
    """`world` with what `plan` writes about its VM."""
    for sighted in plan.sightings:
        world = but(world, here=sighted)
    for change in plan.transitions:
        world = but(world, record=change.after)
    return world


@pytest.mark.parametrize("copies", [(), (copy_elsewhere(),)])
@pytest.mark.parametrize("completeness", Completeness)
def test_a_vm_that_a_process_holds_at_home_is_there(
    completeness: Completeness, copies: tuple[Sighting, ...]
) -> None:
    """Its hypervisor denies it: it is not missing, however often, and its record stays."""
    often = {"absent_reports": 9}
    lost = but(EMPTY, record=often, held=(VM,), completeness=completeness, elsewhere=copies)
    assert (lost.decision().rule, lost.decision().finding) == ("absent-held", Finding.UNCLEAR)
    there = after(lost, lost.plan())
    assert (there.here is not None and there.here.may_run, there.plan().gone) == (True, ())
    assert there.record is not None
    assert (there.record.phase, there.record.absent_reports) == (VmPhase.RUNNING, 0)
