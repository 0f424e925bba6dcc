"""Times in words."""

import time

import pytest

from vmuster.cli.moments import at, present, seconds, span


def test_a_moment_is_in_utc() -> None:
    assert at("1970-01-01T00:00:00.000000Z") == "1970-01-01 00:00:00Z"
    assert at("2026-11-22T08:50:01.900000Z") == "2026-11-22 08:50:01Z"
    assert at("2026-11-22T09:50:01+01:00") == "2026-11-22 08:50:01Z"
    assert at(None) == ""


def test_a_moment_is_so_many_seconds_after_the_epoch() -> None:
    assert seconds("1970-01-01T00:02:00.250000Z") == 120.25


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")],
)
def test_a_span_is_in_its_largest_unit(length: float, said: str) -> None:
    assert span(length) == said


def test_the_present_is_now() -> None:
    before = time.time()
    assert before <= present() <= time.time()
