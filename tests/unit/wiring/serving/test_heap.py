"""Threads share one heap, where the C library lets them."""

import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, sys, threading
from vmuster.wiring.serving.heap import share_one_heap
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
if "shared" in sys.argv:
    share_one_heap()
own = libc.malloc(100_000)
places = []
threads = [threading.Thread(target=lambda: places.append(libc.malloc(100_000))) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(max(abs(place - own) for place in places) < 1 << 30)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc alone")
@pytest.mark.parametrize("how", ["shared", "apart"])
def test_what_threads_take_lies_together(how: str) -> None:
    asked = [sys.executable, "-c", SCRIPT, how]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert done.stdout == f"{how == 'shared'}\n"
