"""The clock of one simulated machine: its wall clock may be wrong and may jump; time itself not."""

import asyncio
from typing import Final
from uuid import UUID

from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop

BEGINNING: Final = 1_900_000_000.0
"""Epoch seconds at the beginning of every run."""


class SimClock:
    """Implements `ports.clock.Clock`. `wrong_by`: seconds that its wall clock is ahead."""

    def __init__(self, loop: SimLoop, chance: Chance) -> None:
        self.wrong_by = 0.0
        self._loop = loop
        self._chance = chance

    def now(self) -> float:
        """Epoch seconds, as this machine believes."""
        return BEGINNING + self._loop.time() + self.wrong_by

    def monotonic(self) -> float:
        """Seconds since the run began."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)

    def uuid(self) -> UUID:
        """A fresh uuid, from the seed."""
        return self._chance.uuid()
