"""One server for a state folder: two would take the hosts from each other without end."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vmuster.model.errors import Refused

LOCK: Final = "server.lock"


@contextmanager
def sole_server(state: Path) -> Generator[None]:
    """Hold the state folder while the block runs; raises `Refused` where another server holds it.

    The lock is the kernel's: it ends with the process, however that ends.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(state / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"another server holds the state folder {state}",
                hint="stop that one first, or give this one another --state-dir",
            ) from None
        yield
    finally:
        os.close(descriptor)
