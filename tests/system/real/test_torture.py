"""The two commands that torture real hosts, in short; and that they take everything away."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.real.played import interrupt, left_behind, own_folder, play

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

_SECONDS = 170.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with own_folder() as made:
        yield made


def figure(told: str, what: str) -> int:
    """The number before these words."""
    (line,) = [line for line in told.splitlines() if line.endswith(f"  {what}")]
    return int(line.split()[0])


def test_twenty_deaths_under_load_lose_double_and_touch_nothing(folder: Path) -> None:
    words = ("--cycles", "20", "--seed", "7", "--life", "2")
    played = play("tests.torture", *words, folder=folder, seconds=_SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr[-8000:]
    assert figure(played.stdout, "kills -9") == 20
    assert figure(played.stdout, "requests acknowledged") >= 5
    assert figure(played.stdout, "starts on hypervisors") >= 2
    assert figure(played.stdout, "acknowledged requests lost") == 0
    assert figure(played.stdout, "effects doubled or unasked") == 0
    assert figure(played.stdout, "strangers touched") == 0
    assert left_behind(folder) == []


@pytest.mark.slow
def test_random_hands_leave_no_record_apart_from_its_host(folder: Path) -> None:
    words = ("--minutes", "0.34", "--seed", "11")
    played = play("tests.torture.hands", *words, folder=folder, seconds=_SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr[-8000:]
    assert figure(played.stdout, "acts by hand") >= 10
    assert figure(played.stdout, "records apart from their hosts") == 0
    assert figure(played.stdout, "strangers touched by us") == 0
    assert left_behind(folder) == []


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interrupted_torture_takes_everything_away(folder: Path, number: signal.Signals) -> None:
    words = ("--cycles", "1000", "--seed", "1")
    interrupt("tests.torture", *words, folder=folder, at="set up", number=number)
