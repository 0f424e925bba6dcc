"""What the agent wants to look at next: bells, questions and the interval, merged.

Bells are not news: they only say where to look. However many ring, what is kept is one set of
VMs, or simply everything; and however often they ring, looks keep a least distance, and the look
at everything comes when it is due.
"""

import asyncio
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.ports.clock import Clock

_VMS_MAX: Final = 64
"""More VMs than that at once: one look at everything is cheaper."""

_PAUSE_SECONDS: Final = 0.05
"""From one look to the next. Wishes may follow from reports, and reports from wishes: such a chain
stays at twenty looks a second, and nobody who waits for one look notices the pause."""


class Wishes:
    """The looks that are due. `take` waits for the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._everything = False
        self._vms: set[VmUuid] = set()
        self._wished = asyncio.Event()
        self._whole_at = clock.monotonic()
        """When everything was last taken, or this began."""
        self._taken_at = self._whole_at - _PAUSE_SECONDS

    def everything(self) -> None:
        """Look at everything."""
        self._everything = True
        self._wished.set()

    def some(self, vms: tuple[VmUuid, ...]) -> None:
        """Look at these VMs."""
        self._vms.update(vms)
        self._everything = self._everything or len(self._vms) > _VMS_MAX
        self._wished.set()

    async def take(self, interval_seconds: float) -> tuple[VmUuid, ...] | None:
        """The VMs to look at; None for everything.

        Everything is due an interval after it was last taken, whatever was wished in between.
        Where both are wished, one look at everything answers both.
        """
        await self._pause()
        due_at = self._whole_at + interval_seconds
        await self._wait(due_at - self._clock.monotonic())
        now = self._clock.monotonic()
        whole = self._everything or not self._vms or now >= due_at
        vms = None if whole else tuple(sorted(self._vms))
        self._taken_at, self._whole_at = now, now if whole else self._whole_at
        self._everything, self._vms = False, set()
        self._wished.clear()
        return vms

    async def _pause(self) -> None:
        """Keep the distance from the look before."""
        rest = self._taken_at + _PAUSE_SECONDS - self._clock.monotonic()
        if rest > 0:
            await self._clock.sleep(rest)

    async def _wait(self, seconds: float) -> None:
        """Wait for the first wish, so long at the most."""
        if self._wished.is_set() or seconds <= 0:
            return
        waiting = asyncio.ensure_future(self._wished.wait())
        resting = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({waiting, resting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            resting.cancel()
