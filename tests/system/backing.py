"""What other processes do in the stories of backups: they are killed in the midst of it."""

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from vmuster.stores.sql import copying
from vmuster.wiring.backups.creating import create
from vmuster.wiring.backups.restoring import restore

NOW = 1_000_000.0


def die() -> None:
    """End as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def create_until_killed(state: Path, target: Path, steps: int) -> None:
    """Back up in steps of one page, and die at one of them."""
    setattr(copying, "_STEP_PAGES", 1)  # noqa: B010 - this process ends with it
    taken = 0

    def tell(_done: int, _all: int) -> None:
        nonlocal taken
        taken += 1
        if taken == steps:
            die()

    create(state, target, NOW, tell)


def restore_until_killed(state: Path, backup: Path, renames: int) -> None:
    """Put a backup back, and die before one of the renames."""
    rename, left = Path.rename, renames

    def last(self: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if not left:
            die()
        return rename(self, target)

    setattr(Path, "rename", last)  # noqa: B010 - this process ends with it
    restore(state, backup, None, NOW, lambda _done, _all: None)


def back_up(state: Path, target: Path, done: Connection) -> None:
    """Back up beside whoever writes; say how many steps it took."""
    steps = 0

    def tell(_done: int, _all: int) -> None:
        nonlocal steps
        steps += 1

    create(state, target, NOW, tell)
    done.send(steps)
