"""A patch stands where it says while it lasts, and nowhere after it; or it fails loudly."""

import asyncio
from collections.abc import Callable

import pytest

from vmuster.agent import guard
from vmuster.agent.journal import Journal
from vmuster.agent.judge import Judge
from vmuster.reconcile import breaker, limits
from vmuster.sim.planted.patch import (
    Misplaced,
    applied,
    instead,
    patch,
    place,
    says,
    says_async,
    without,
    without_rows,
)

BREAKER = "vmuster.reconcile.breaker:breaker"
STARTS = "vmuster.agent.guard:START_CHECKS"
STOPS = "vmuster.agent.guard:STOP_CHECKS"
BUDGETS = "vmuster.reconcile.limits:BUDGETS"
PROCESS = "a process of it is running"
TOO_OLD = "the order is too old"


def test_what_is_patched_is_as_before_afterwards() -> None:
    before = breaker.breaker
    with applied([says(BREAKER, "open")]):
        assert breaker.breaker(0, 0, 1) == "open"
    assert breaker.breaker is before


def test_it_is_as_before_after_an_error_too() -> None:
    before = breaker.breaker
    with pytest.raises(RuntimeError, match="in between"), applied([says(BREAKER, "open")]):
        raise RuntimeError("in between")
    assert breaker.breaker is before


def test_one_patch_is_made_of_what_the_one_before_it_left() -> None:
    def twice(before: Callable[..., str]) -> Callable[..., str]:
        def answered(*counts: int) -> str:
            return before(*counts) + " twice"

        return answered

    again = patch(BREAKER, twice)
    with applied([says(BREAKER, "open"), again]):
        assert breaker.breaker(0, 0, 1) == "open twice"


def test_a_method_and_a_property_of_a_class_are_patched() -> None:
    before = vars(Judge)["age_seconds"]
    old = instead("vmuster.agent.judge:Judge.age_seconds", property(lambda _judge: 1e9))
    with applied([says("vmuster.agent.journal:Journal.answer", None), old]):
        assert Journal.answer(None, None) is None  # pyright: ignore[reportArgumentType]
        assert vars(Judge)["age_seconds"].fget(None) == 1e9
    assert vars(Judge)["age_seconds"] is before


def test_a_coroutine_function_stays_one() -> None:
    with applied([says_async(BREAKER, 7)]):
        assert asyncio.run(breaker.breaker(0, 0, 1)) == 7  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "target",
    [
        "vmuster.reconcile.breaker:opened",
        "vmuster.reconcile.nothing:breaker",
        "vmuster.agent.journal:Diary.answer",
        "vmuster.agent.journal:Journal.reply",
        "vmuster.sim.world.pages:WatchedJournal.answer",
    ],
)
def test_a_target_that_is_not_there_fails(target: str) -> None:
    with pytest.raises((Misplaced, ModuleNotFoundError)):
        _ = place(target)


def test_where_one_target_is_not_there_nothing_is_patched() -> None:
    before = breaker.breaker
    missing = says("vmuster.reconcile.breaker:opened", "")
    with pytest.raises(Misplaced), applied([says(BREAKER, "open"), missing]):
        pass
    assert breaker.breaker is before


def test_a_check_is_taken_out_and_no_other() -> None:
    before = guard.START_CHECKS
    with applied([without(STARTS, PROCESS)]):
        assert [c for c in before if c not in guard.START_CHECKS] == [
            c for c in before if c.reason == PROCESS
        ]
        assert len(guard.START_CHECKS) == len(before) - 1


def test_a_check_is_taken_out_of_each_table() -> None:
    with applied([without(STOPS, TOO_OLD)]):
        kinds = guard.STOP_CHECKS.values()
        assert [c.reason for checks in kinds for c in checks if c.reason == TOO_OLD] == []
        assert all(kinds)


@pytest.mark.parametrize("table", [STARTS, STOPS])
def test_a_check_that_is_not_there_fails(table: str) -> None:
    with pytest.raises(Misplaced), applied([without(table, "it was never said")]):
        pass


def test_rows_are_taken_out_by_what_they_say() -> None:
    with applied([without_rows(BUDGETS, "in the fleet", lambda row: row.where, count=2)]):
        assert [row.where for row in limits.BUDGETS if "in the fleet" in row.where] == []
        assert limits.BUDGETS
    assert len([row for row in limits.BUDGETS if "in the fleet" in row.where]) == 2


@pytest.mark.parametrize(("words", "count"), [("in the fleet", 1), ("on the moon", 2)])
def test_more_or_fewer_rows_than_expected_fail(words: str, count: int) -> None:
    patched = without_rows(BUDGETS, words, lambda row: row.where, count=count)
    with pytest.raises(Misplaced), applied([patched]):
        pass
