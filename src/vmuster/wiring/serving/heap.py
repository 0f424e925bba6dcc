"""One heap of the C library for all threads: what one of them has let go serves the others.

glibc gives each thread a heap of its own, and each keeps what its thread once needed at the most:
with a thread for each connection to the database, that is so many times what one transaction takes.
Threads that wait for each other a little cost nothing here, where most of them wait for the disk.
"""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX`, of glibc's malloc.h."""


def share_one_heap() -> None:
    """Have threads that begin from now on share one heap; where the C library is another one, it
    stays as it is."""
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_ARENA_MAX, 1)
