"""The quiet time goes by the monotonic clock, and begins anew when the wall clock was set."""

import pytest

from tests.clocks import HandClock
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.server.watch.quiet import JUMP_SECONDS, QuietTime


def test_it_passes_with_time_and_not_with_the_wall_clock() -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.pass_by(100)
    assert quiet.left(300) == 200
    clock.set_by(86_400)
    assert quiet.left(300) == 200
    clock.pass_by(201)
    assert quiet.left(300) == 0


@pytest.mark.parametrize("seconds", [86_400, -86_400, JUMP_SECONDS + 0.1])
def test_a_jump_is_told_once_and_begins_it_anew(seconds: float) -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.pass_by(400)
    clock.set_by(seconds)
    assert quiet.jump() == pytest.approx(seconds)
    assert quiet.left(300) == WINDOW_SECONDS, "by then no window counts what the other clock did"
    assert quiet.left(WINDOW_SECONDS + 1) == WINDOW_SECONDS + 1
    assert quiet.jump() == 0
    clock.pass_by(WINDOW_SECONDS)
    assert quiet.left(300) == 0


def test_it_begins_anew_when_told() -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.pass_by(400)
    quiet.begin()
    assert quiet.left(300) == 300


def test_slow_drift_is_no_jump() -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    for _ in range(100):
        clock.pass_by(2)
        clock.set_by(JUMP_SECONDS / 10)
        assert quiet.jump() == 0
    assert quiet.left(300) == 100


def test_a_jump_that_could_not_be_heeded_is_told_again_with_the_next_one() -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.set_by(100)
    quiet.jumped(quiet.jump())
    clock.set_by(-30)
    assert quiet.jump() == 70


def test_how_long_there_is_calm_says_what_is_left_of_any_quiet_time() -> None:
    clock = HandClock()
    quiet = QuietTime(clock)
    clock.pass_by(100)
    assert (quiet.calm.seconds, quiet.calm.left(300)) == (100, 200)
    clock.set_by(86_400)
    assert quiet.jump()
    clock.pass_by(1)
    assert (quiet.calm.seconds, quiet.calm.jumped_seconds) == (1, WINDOW_SECONDS - 1)
