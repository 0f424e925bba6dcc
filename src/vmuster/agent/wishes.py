"""What the agent wants to look at next: bells, questions and the interval, merged.

Bells are not news: they only say where to look. However many ring, what is kept is one set of
VMs, or simply everything; and however often they ring, looks keep a least distance, and the look
at everything comes when it is due. A server that has too much to do puts looks off, and those that
it asks for less than all others.
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
_PUT_OFF_SECONDS_MAX: Final = 30.0
"""Looks are put off for so long, whatever a server says."""
_ASKED_SECONDS: Final = 0.5
"""Looks that the server asks for, for no longer than this: somebody may wait for them."""


class Wishes:
    """The looks that are due. `take` waits for the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._everything = False
        self._vms: set[VmUuid] = set()
        self._wished = asyncio.Event()
        self._asked = asyncio.Event()
        self._whole_at = clock.monotonic()
        """When everything was last taken, or this began."""
        self._taken_at = self._whole_at - _PAUSE_SECONDS
        self._put_off_at = self._put_off_until = self._whole_at

    def put_off(self, seconds: float) -> None:
        """Take no look for so long, counted from now; one that is asked for waits a moment only."""
        self._put_off_at = self._clock.monotonic()
        self._put_off_until = self._put_off_at + min(seconds, _PUT_OFF_SECONDS_MAX)

    def everything(self, *, asked: bool = False) -> None:
        """Look at everything. `asked`: the server does."""
        self._everything = True
        self._wish(asked=asked)

    def some(self, vms: tuple[VmUuid, ...], *, asked: bool = False) -> None:
        """Look at these VMs. `asked`: the server does."""
        self._vms.update(vms)
        self._everything = self._everything or len(self._vms) > _VMS_MAX
        self._wish(asked=asked)

    def _wish(self, *, asked: bool) -> None:
        self._wished.set()
        if asked:
            self._asked.set()

    async def take(self, interval_seconds: float) -> tuple[VmUuid, ...] | None:
        """The VMs to look at; None for everything.

        Everything is due an interval after it was last taken, whatever was wished in between.
        Where both are wished, one look at everything answers both.
        """
        await self._rest(self._taken_at + _PAUSE_SECONDS)
        due_at = self._whole_at + interval_seconds
        await self._wait(self._wished, due_at)
        await self._wait(self._asked, self._put_off_until)
        await self._rest(min(self._put_off_until, self._put_off_at + _ASKED_SECONDS))
        now = self._clock.monotonic()
        whole = self._everything or not self._vms or now >= due_at
        vms = None if whole else tuple(sorted(self._vms))
        self._taken_at, self._whole_at = now, now if whole else self._whole_at
        self._everything, self._vms = False, set()
        self._wished.clear()
        self._asked.clear()
        return vms

    async def _rest(self, until: float) -> None:
        """Wait until this moment."""
        seconds = until - self._clock.monotonic()
        if seconds > 0:
            await self._clock.sleep(seconds)

    async def _wait(self, bell: asyncio.Event, until: float) -> None:
        """Wait for the first such wish, until this moment at the most."""
        seconds = until - self._clock.monotonic()
        if bell.is_set() or seconds <= 0:
            return
        waiting = asyncio.ensure_future(bell.wait())
        resting = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({waiting, resting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            resting.cancel()
