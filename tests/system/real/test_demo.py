"""The demo, played whole and interrupted: real hosts, real guests, a real server process."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.real.played import interrupt, left_behind, own_folder, play

pytestmark = [pytest.mark.real, pytest.mark.timeout(290)]

_DEMO = "vmuster.demo"


@pytest.fixture
def stage() -> Iterator[Path]:
    with own_folder() as made:
        yield made


def test_the_demo_keeps_every_promise(stage: Path) -> None:
    played = play(_DEMO, folder=stage, seconds=280)
    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-3000:]
    assert "All promises kept" in played.stdout
    assert "FAILED" not in played.stdout
    assert left_behind(stage) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_demo_takes_everything_away(stage: Path, number: signal.Signals) -> None:
    """Ctrl-C, and a terminal that is closed."""
    interrupt(_DEMO, folder=stage, at="alpha --loopback", number=number)
