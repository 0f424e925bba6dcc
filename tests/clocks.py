"""A clock that a test holds in its hand: time passes when somebody sleeps, and at once."""

import asyncio
from collections.abc import Callable
from uuid import UUID


class HandClock:
    """Implements `ports.clock.Clock`. `on_sleep` is called at each sleep, before time passes.

    `given`: how many uuids were; set back, it gives the same ones again.
    """

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._now = now
        self._set_by = 0.0
        self.given = 0
        self.on_sleep: Callable[[], object] = lambda: None

    def now(self) -> float:
        return self._now + self._set_by

    def monotonic(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def set_by(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self._set_by += seconds

    async def sleep(self, seconds: float) -> None:
        self.on_sleep()
        self._now += seconds
        await asyncio.sleep(0)

    def uuid(self) -> UUID:
        self.given += 1
        return UUID(int=(0xABC0000 + self.given) << 96)
