"""A command that makes hosts of its own, played over a folder of its own; and what it leaves there.

That folder is in the command line of every process that it starts, by which they are found.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.tidy.tree import ROOT


@contextmanager
def own_folder() -> Generator[Path]:
    """A folder for all that a command makes; short, for the sockets in it."""
    made = Path(tempfile.mkdtemp(prefix="p"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def play(
    module: str, *words: str, folder: Path, seconds: float
) -> subprocess.CompletedProcess[str]:
    """The command, played to its end."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def interrupt(module: str, *words: str, folder: Path, at: str, number: signal.Signals) -> None:
    """Interrupt the command once it says `at`, and see that it ends and takes everything away."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as playing:
        assert playing.stdout is not None
        told = ""
        while at not in told:
            told = playing.stdout.readline()
            assert told, "it ended before it could be interrupted"
        assert left_behind(folder), "its processes are found by the folder in their command lines"
        playing.send_signal(number)
        _ = playing.stdout.read()
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
