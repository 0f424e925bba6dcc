"""Rare states that chance may miss in 200 schedules are reached by a story, or by another test."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from vmuster.sim.laws.sometimes import (
    _TOO_RARE,  # pyright: ignore[reportPrivateUsage]
)
from vmuster.sim.play import play
from vmuster.sim.stories.reading import read, read_text

ROOT = Path(__file__).parents[2]

STORIES: Mapping[str, str] = {
    "a VM was seen while its memory travelled": "f54-the-only-copy-is-paused",
    "an order was refused for a disarming": "l8-disarmed-before-an-order-is-begun",
    "an order was refused for another mark": "f40-a-mark-is-dropped-in-the-grace",
}
"""By name of the state: a story in which it comes up."""

_PERMITS = "tests/laws/test_permits.py::test_each_check_of_a_permit_stands_alone"
TESTS: Mapping[str, str] = {
    "a mark was refused on a saved VM": _PERMITS,
    "a start was refused for a migration": _PERMITS,
    "an order to start was refused, for it was not plainly stopped": _PERMITS,
    "an order to stop was refused, for it was not plainly running": _PERMITS,
    "an order was refused for the mode of its host": _PERMITS,
    "an order was refused for the quarantine": _PERMITS,
    "a start was refused for a copy that may be left": (
        "tests/laws/test_proofs.py::test_each_check_of_a_clearance_stands_alone"
    ),
    "a call that was given up came back": (
        "tests/unit/agent/test_executor_late.py::test_what_it_came_to_is_the_answer_from_then_on"
    ),
    "an end by force was refused, for it was started again": (
        "tests/unit/agent/test_executor_grace.py"
        "::test_a_run_that_nobody_asked_to_end_is_not_ended_with_the_grace"
    ),
    "an old home was asked to look": (
        "tests/unit/reconcile/test_moves.py::test_the_record_follows_only_a_look_of_its_old_home"
    ),
    "an order came while it was not sure whose host it is": (
        "tests/unit/agent/test_loop.py"
        "::test_nothing_is_done_while_it_is_not_known_which_host_answers"
    ),
    "an order was refused for an epoch given twice": (
        "tests/unit/agent/test_loop_failures.py"
        "::test_a_server_that_gives_an_epoch_twice_is_heard_and_not_obeyed"
    ),
    "what was done was undone before it was seen": (
        "tests/unit/server/talks/test_results.py"
        "::test_what_was_done_and_then_is_seen_otherwise_is_not_waited_for"
    ),
}
"""By name of the state: a test that brings it about, where no story does yet."""


def test_each_is_reached_somewhere_and_in_one_place() -> None:
    assert STORIES.keys() | TESTS.keys() == _TOO_RARE
    assert STORIES.keys() & TESTS.keys() == set()


@pytest.mark.parametrize("name", STORIES)
def test_the_story_reaches_it(name: str) -> None:
    path = ROOT / "tests" / "scenarios" / f"{STORIES[name]}.txt"
    story = read(read_text(path), path.name)
    assert play(story.steps, story.seed).sometimes.get(name, 0) > 0


@pytest.mark.parametrize("node", sorted(set(TESTS.values())))
def test_the_test_is_there(node: str) -> None:
    path, name = node.split("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    defined = {
        each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in defined
