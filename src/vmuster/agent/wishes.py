"""What the agent wants to look at next: bells, questions and the interval, merged.

Bells are not news: they only say where to look. However many ring, what is kept is one set of
VMs, or simply everything.
"""

import asyncio
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.ports.clock import Clock

_VMS_MAX: Final = 64
"""More VMs than that at once: one look at everything is cheaper."""


class Wishes:
    """The looks that are due. `take` waits for the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._everything = False
        self._vms: set[VmUuid] = set()
        self._due = asyncio.Event()

    def everything(self) -> None:
        """Look at everything."""
        self._everything = True
        self._due.set()

    def some(self, vms: tuple[VmUuid, ...]) -> None:
        """Look at these VMs."""
        self._vms.update(vms)
        self._everything = self._everything or len(self._vms) > _VMS_MAX
        self._due.set()

    async def take(self, patience_seconds: float) -> tuple[VmUuid, ...] | None:
        """The VMs to look at; None for everything, which is due after the patience at the latest.

        Where both are wished, one look at everything answers both.
        """
        waiting = asyncio.ensure_future(self._due.wait())
        resting = asyncio.ensure_future(self._clock.sleep(patience_seconds))
        try:
            await asyncio.wait({waiting, resting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            resting.cancel()
        if self._vms and not self._everything:
            vms, self._vms = tuple(sorted(self._vms)), set()
            self._due.clear()
            return vms
        self._everything, self._vms = False, set()
        self._due.clear()
        return None
