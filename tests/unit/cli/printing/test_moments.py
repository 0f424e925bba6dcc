"""Times in words."""

import time

import pytest

from vmuster.cli.printing.moments import at, present, seconds, since, span


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


@pytest.mark.parametrize(("text", "ago"), [("90m", 5_400), ("1h", 3_600), ("2d", 172_800)])
def test_how_long_ago_is_a_moment(text: str, ago: float) -> None:
    assert abs(present() - ago - seconds(since(text))) < 60


@pytest.mark.parametrize("text", ["yesterday", "1y", "2026-11-22", "2026-11-22T14:03:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|without its zone"):
        since(text)


def test_a_moment_of_the_api_stays() -> None:
    assert since("2026-11-22T14:03:00Z") == "2026-11-22T14:03:00Z"
