"""Expectations that are given time: something comes to be so, or stays so."""

import pytest

from tests.expected import unmet
from vmuster.sim.verbs.expecting.all import EXPECTATIONS, inner_step
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind

STORY = """
    host alpha
    alpha is in manage
    web of ours runs on alpha
 60s  somebody stops web on alpha
"""


def test_it_may_take_its_time_to_be_so() -> None:
    early = "expect web is recorded as stopped within 10s"
    late = "expect web is recorded as stopped within 30s"
    assert unmet(STORY, [early, late], at=40) == {early: "its phase is running (waited 10 s)"}


def test_what_is_so_at_once_is_not_waited_for() -> None:
    assert unmet(STORY, ["expect web is recorded as running within 0s"], at=40) == {}


def test_what_does_not_stay_so_is_noticed() -> None:
    short = "expect web is recorded as running until 59s"
    long = "expect web is recorded as running until 90s"
    assert unmet(STORY, [short, long], at=40) == {long: "its phase is stopped"}


def test_what_stays_so_and_is_not_so_at_first_is_noticed() -> None:
    sentence = "expect web is recorded as stopped until 90s"
    assert unmet(STORY, [sentence], at=40) == {sentence: "its phase is running"}


def test_the_end_of_a_story_says_nothing() -> None:
    assert unmet(STORY, ["end"], at=100) == {}


def test_what_is_given_time_is_read_with_its_story() -> None:
    inner = inner_step(GRAMMAR.step("expect web is recorded as stopped within 10s", 5.0))
    assert inner == GRAMMAR.step("expect web is recorded as stopped", None)
    assert inner_step(GRAMMAR.step("expect web is recorded as stopped", 5.0)) is None
    with pytest.raises(ValueError, match="nothing reads: expect web is like this"):
        _ = inner_step(GRAMMAR.step("expect web is like this within 10s", None))


def test_every_expectation_is_one() -> None:
    assert all(verb.kind is Kind.EXPECT for verb in EXPECTATIONS)
    assert all(verb.form.startswith("expect ") or verb.form == "end" for verb in EXPECTATIONS)
