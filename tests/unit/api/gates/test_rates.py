"""How often somebody may do something, second by second."""

import pytest

from tests.clocks import HandClock
from vmuster.api.gates import rates
from vmuster.api.gates.rates import Bucket, Window, whole_seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def taken(of: Bucket | Window, who: str, times: int) -> int:
    """How many of so many were there at once."""
    return sum(of.take(who) == 0 for _ in range(times))


def test_a_bucket_gives_a_burst_and_then_a_flow(clock: HandClock) -> None:
    bucket = Bucket(clock, per_second=2.0, burst=5)
    assert taken(bucket, "a", 9) == 5
    assert bucket.take("a") == pytest.approx(0.5)
    clock.pass_by(0.4)
    assert bucket.take("a") == pytest.approx(0.1)
    clock.pass_by(0.1)
    assert taken(bucket, "a", 3) == 1
    clock.pass_by(3600)
    assert taken(bucket, "a", 9) == 5


def test_a_window_never_holds_more(clock: HandClock) -> None:
    window = Window(clock, times=3, seconds=60)
    assert window.take("a") == 0
    clock.pass_by(30)
    assert taken(window, "a", 5) == 2
    assert window.take("a") == 30
    clock.pass_by(30)
    assert taken(window, "a", 5) == 1
    assert window.take("a") == 30


@pytest.mark.parametrize("kind", ["bucket", "window"])
def test_everybody_has_their_own(clock: HandClock, kind: str) -> None:
    of = (
        Bucket(clock, per_second=0.1, burst=2)
        if kind == "bucket"
        else Window(clock, times=2, seconds=60)
    )
    assert (taken(of, "a", 3), taken(of, "b", 3)) == (2, 2)


@pytest.mark.parametrize("kind", ["bucket", "window"])
def test_who_was_not_seen_for_longest_is_forgotten(
    clock: HandClock, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "REMEMBERED_MAX", 2)
    of = (
        Bucket(clock, per_second=0.1, burst=1)
        if kind == "bucket"
        else Window(clock, times=1, seconds=60)
    )
    assert [of.take(who) > 0 for who in ("a", "b", "a", "c")] == [False, False, True, False]
    assert of.take("a") > 0
    assert of.take("b") == 0


def test_a_wall_clock_that_is_set_gives_nothing_away(clock: HandClock) -> None:
    window = Window(clock, times=1, seconds=60)
    assert window.take("a") == 0
    clock.set_by(86_400)
    assert window.take("a") == 60


@pytest.mark.parametrize(("wait", "said"), [(0.01, 1), (1.0, 1), (1.1, 2), (59.5, 60)])
def test_no_wait_is_said_too_short(wait: float, said: int) -> None:
    assert whole_seconds(wait) == said
