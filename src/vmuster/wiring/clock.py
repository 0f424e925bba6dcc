"""The real clock and real chance."""

import asyncio
import time
from uuid import UUID, uuid4


class SystemClock:
    """Implements `ports.clock.Clock`."""

    def now(self) -> float:
        """As `Clock.now`."""
        return time.time()

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """As `Clock.sleep`."""
        await asyncio.sleep(seconds)

    def uuid(self) -> UUID:
        """As `Clock.uuid`."""
        return uuid4()
