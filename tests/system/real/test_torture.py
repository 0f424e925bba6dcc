"""The two commands that torture real hosts, in short; and that they take everything away."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own for all that they make; its path is in every command line there."""
    made = Path(tempfile.mkdtemp(prefix="t"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def play(module: str, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def figure(told: str, what: str) -> int:
    """The number before these words."""
    (line,) = [line for line in told.splitlines() if line.endswith(f"  {what}")]
    return int(line.split()[0])


def test_twenty_deaths_under_load_lose_double_and_touch_nothing(folder: Path) -> None:
    played = play("tests.torture", "--cycles", "20", "--seed", "7", "--life", "2", folder=folder)
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
    played = play("tests.torture.hands", "--minutes", "0.34", "--seed", "11", folder=folder)
    assert played.returncode == 0, played.stdout + played.stderr[-8000:]
    assert figure(played.stdout, "acts by hand") >= 10
    assert figure(played.stdout, "records apart from their hosts") == 0
    assert figure(played.stdout, "strangers touched by us") == 0
    assert left_behind(folder) == []


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interrupted_torture_takes_everything_away(folder: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.torture", "--cycles", "1000", "--seed", "1"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as playing:
        assert playing.stderr is not None
        told = ""
        while "set up" not in told:
            told = playing.stderr.readline()
            assert told, "it ended before it could be interrupted"
        assert left_behind(folder), "its processes are found by the folder in their command lines"
        playing.send_signal(number)
        _ = playing.stderr.read()
        assert playing.wait(60) == 130
    deadline = time.monotonic() + 10
    while left_behind(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind(folder) == []


def left_behind(folder: Path) -> list[str]:
    """The processes that still run for this folder, and what is still in it."""
    found = [str(path) for path in folder.iterdir()]
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if str(folder).encode() in line:
                found.append(line.decode(errors="replace"))
    return found
