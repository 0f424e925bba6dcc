"""What still runs on a host's folder once that was taken away.

A connection that is stuck before it is open has no timeout of libvirt's own. Its `ssh` runs on for
as long as the far side says nothing, and a thread with it; neither is of use once the conversation
is over. Such a program is a child of ours in a folder that is gone, and nothing else is.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def end_leftovers(folder: Path) -> None:
    """End each child of ours that runs in `folder`, which was taken away."""
    for process in _PROC.iterdir():
        if process.name.isdecimal():
            # One that ends meanwhile, or that is another's, is nothing to us.
            with suppress(OSError):
                _end(int(process.name), f"{folder.resolve()} (deleted)")


def _end(pid: int, gone: str) -> None:
    handle = os.pidfd_open(pid)  # so that whoever is asked about is also who is ended
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
        parent = int(stat.rpartition(b")")[2].split()[1])
        if parent == os.getpid() and str((_PROC / str(pid) / "cwd").readlink()) == gone:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)
