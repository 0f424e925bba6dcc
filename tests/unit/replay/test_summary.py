"""Differences added up: by VM, and not by pass."""

from collections.abc import Sequence

from tests import worlds
from tests.recorded import pass_over
from tests.worlds import but, copy_of
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode
from vmuster.reconcile.passed import Passed
from vmuster.reconcile.supposed import Change
from vmuster.replay.differences import compared
from vmuster.replay.summary import Summary, summed_up


def summary(passes: Sequence[Passed], mode: HostMode | None = None, **settings: object) -> Summary:
    return summed_up(compared(passes, Change(settings=settings, mode=mode)))


def test_nothing_differs_in_nothing() -> None:
    empty = Summary(passes=0, decisions=0, differ=0, more={}, fewer={}, runs=())
    assert summary([]) == empty


def test_what_comes_again_with_every_pass_is_one_run_and_one_act() -> None:
    world = but(worlds.lookalike(), policy=Policy(), grant=None)
    found = summary([pass_over(world, at=float(at)) for at in range(5)], unknown_vms="stop-by-name")
    assert (found.passes, found.decisions, found.differ) == (5, 5, 5)
    (run,) = found.runs
    assert (run.first.at, run.last_at, run.passes) == (0.0, 4.0, 5)
    assert (found.more, found.fewer) == ({("stop_vm", False): 1}, {})


def test_acts_are_counted_by_vm_and_told_by_direction() -> None:
    ghosts = [pass_over(copy_of(worlds.ghost(), number)) for number in (1, 2, 3)]
    found = summary(ghosts, HostMode.OBSERVE)
    assert (found.more, found.fewer) == ({}, {("stop_vm", False): 3})
    held = summary(ghosts, stops_per_pass_max=0)
    assert (held.more, held.fewer) == ({("stop_vm", True): 3}, {("stop_vm", False): 3})
    assert len(held.runs) == 3


def test_an_act_in_another_pass_is_the_same_act() -> None:
    """Stopped a pass later, it is stopped all the same: the passes differ, the sum does not."""
    early, late = but(worlds.ghost(), here={"complete_reports": 0}), worlds.ghost()
    found = summary([pass_over(early), pass_over(late)], seen_before_stop=1)
    assert [run.first.now.act for run in found.runs if run.first.now] == ["stop_vm"]
    only_early = summary([pass_over(early)], seen_before_stop=1)
    assert only_early.more == {("stop_vm", False): 1}


def test_runs_stand_in_the_order_in_which_they_began() -> None:
    ghosts = [pass_over(copy_of(worlds.ghost(), n), at=float(n)) for n in (3, 1, 2, 1)]
    found = summary(ghosts, HostMode.OBSERVE)
    assert [run.first.vm.int for run in found.runs] == [3, 1, 2]
    assert [run.passes for run in found.runs] == [1, 2, 1]
