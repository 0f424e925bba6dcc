"""A bell box: bells from any thread, kept until they are heard, never piling up.

Bells for single VMs are merged; too many of them become one for everything. Whoever rings, from
a hypervisor's own thread, never waits and never fails, even after the listener's loop has closed.
"""

import asyncio
import contextlib
import threading
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.ports.driver import Bell

BELLS_MAX: Final = 64
"""So many VMs are named one by one; above it a look at everything is cheaper than many looks."""


class BellBox:
    """Bells on their way from a hypervisor to one listener on one event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._vms: dict[VmUuid, None] = {}
        self._everything = False
        self._listener: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def ring(self, vm: VmUuid | None) -> None:
        """Something happened to this VM, or (None) to anything. For any thread."""
        with self._lock:
            quiet = not self._everything and not self._vms
            if vm is not None and not self._everything:
                self._vms[vm] = None
            if vm is None or len(self._vms) > BELLS_MAX:
                self._everything = True
                self._vms.clear()
            if quiet and self._listener is not None:
                loop, heard = self._listener
                with contextlib.suppress(RuntimeError):  # the loop has closed: nobody listens
                    _ = loop.call_soon_threadsafe(heard.set)

    async def next(self) -> Bell:
        """The next bell; waits for one. There is one listener at a time."""
        heard = asyncio.Event()
        with self._lock:
            self._listener = (asyncio.get_running_loop(), heard)
        try:
            while (bell := self._take()) is None:
                _ = await heard.wait()
                heard.clear()
            return bell
        finally:
            with self._lock:
                self._listener = None

    def _take(self) -> Bell | None:
        with self._lock:
            if self._everything:
                self._everything = False
                return Bell()
            if not self._vms:
                return None
            vm = next(iter(self._vms))
            del self._vms[vm]
            return Bell(vm=vm)
