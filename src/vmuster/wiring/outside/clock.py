"""The real clock and real chance."""

import asyncio
import time
from typing import Final
from uuid import UUID, uuid4

_SINCE_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Where the platform has such a clock it goes on while the machine is suspended: an order that was
received before is old after it."""


class SystemClock:
    """Implements `ports.clock.Clock`."""

    def now(self) -> float:
        """As `Clock.now`."""
        return time.time()

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.clock_gettime(_SINCE_BOOT)

    async def sleep(self, seconds: float) -> None:
        """As `Clock.sleep`."""
        await asyncio.sleep(seconds)

    def uuid(self) -> UUID:
        """As `Clock.uuid`."""
        return uuid4()
