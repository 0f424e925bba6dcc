"""Reports on their way: what is kept of them, and what is dropped."""

import pytest

from tests.unit.sim.exhaustive.mistakes import staleness_that_is_ignored
from tests.unit.sim.exhaustive.worlds import START
from vmuster.sim.exhaustive.looks import Report, Stamp, accounts
from vmuster.sim.exhaustive.state import Pending, first
from vmuster.sim.exhaustive.transit import (
    carried_on,
    could_be_made_now,
    left,
    number_of,
    numbered,
    restamped,
    with_report,
)
from vmuster.sim.exhaustive.truth import ENDED, ActedOn, powered

PENDING = Pending(
    report=Report(account=accounts(START, 0)[0], asked_after=3, stamp=Stamp.NEWER),
    ran=(True, False),
)


def test_what_was_overtaken_is_dropped_for_the_shipped_rule_refuses_it() -> None:
    assert left(PENDING) is None
    assert restamped(PENDING, Stamp.EARLIER) is None
    again = restamped(PENDING, Stamp.NEWEST)
    assert again is not None
    assert again.report.stamp is Stamp.NEWEST


def test_it_is_kept_where_it_would_be_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    staleness_that_is_ignored(monkeypatch)
    kept = left(PENDING)
    assert kept is not None
    assert kept.report.stamp is Stamp.OLDER


def test_it_remembers_what_has_run_since() -> None:
    assert carried_on(PENDING, (True, True)) == PENDING
    broken = carried_on(PENDING, (False, True))
    assert broken is not None
    assert broken.ran == (False, False)
    assert carried_on(None, (True, True)) is None


def test_a_look_that_says_what_one_would_say_now_need_not_be_kept() -> None:
    assert could_be_made_now(START, 0, PENDING)
    assert not could_be_made_now(powered(START, 0, ENDED), 0, PENDING)
    assert not could_be_made_now(START, 0, restamped(PENDING, Stamp.NEWEST))
    assert not could_be_made_now(START, 0, None)


def test_it_has_a_number_and_a_place() -> None:
    assert (number_of(PENDING), number_of(None)) == (3, 0)
    again = numbered(PENDING, 1)
    assert number_of(again) == 1
    assert numbered(PENDING, 3) is PENDING
    assert numbered(None, 1) is None
    state = first(ActedOn.OURS)
    assert with_report(state, 0, PENDING) == (PENDING, None)
    assert with_report(state, 1, PENDING) == (None, PENDING)
