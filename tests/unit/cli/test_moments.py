"""Times in words."""

import time

import pytest

from vmuster.cli.moments import at, present, span


def test_a_moment_is_in_utc() -> None:
    assert at(0.0) == "1970-01-01 00:00:00Z"
    assert at(1_795_337_401.9) == "2026-11-22 08:50:01Z"
    assert at(None) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")],
)
def test_a_span_is_in_its_largest_unit(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_the_present_is_now() -> None:
    before = time.time()
    assert before <= present() <= time.time()
