"""The demo, played whole and interrupted: real hosts, real guests, a real server process."""

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

pytestmark = [pytest.mark.real, pytest.mark.timeout(290)]

_COMMAND = [sys.executable, "-m", "vmuster.demo"]


@pytest.fixture
def stage() -> Iterator[Path]:
    """A folder of its own for all that the demo makes; its path is in every command line there."""
    folder = Path(tempfile.mkdtemp(prefix="d"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_demo_keeps_every_promise(stage: Path) -> None:
    played = subprocess.run(
        _COMMAND,
        env=os.environ | {"TMPDIR": str(stage)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-3000:]
    assert "All promises kept" in played.stdout
    assert "FAILED" not in played.stdout
    assert left_behind(stage) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_demo_takes_everything_away(stage: Path, number: signal.Signals) -> None:
    """Ctrl-C, and a terminal that is closed."""
    with subprocess.Popen(
        _COMMAND,
        env=os.environ | {"TMPDIR": str(stage)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as playing:
        assert playing.stdout is not None
        told = ""
        while "alpha --loopback" not in told:
            told = playing.stdout.readline()
            assert told, "the demo ended before it could be interrupted"
        assert left_behind(stage), "its processes are found by the folder in their command lines"
        playing.send_signal(number)
        _ = playing.stdout.read()
        assert playing.wait(60) == 130
    deadline = time.monotonic() + 10
    while left_behind(stage) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind(stage) == []


def left_behind(stage: Path) -> list[str]:
    """The processes that still run for this stage, and the folders that are still there."""
    found = [str(path) for path in stage.iterdir()]
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
            except OSError:
                continue
            if str(stage) in line:
                found.append(line)
    return found
