"""The intake counter: one number for each report taken in, rising, never given twice.

The database holds a high-water that is raised in blocks: a crash skips numbers and repeats none.
"""

from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.ports.store import Store

_BLOCK: Final = 10_000


class IntakeNumbers:
    """Gives the next number. Call `reserve` once before the first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = 0
        self._end = 0

    @property
    def last(self) -> int:
        """The number given last."""
        return self._last

    async def next(self) -> int:
        """A number above every one given before, by this server or an earlier one."""
        if self._last >= self._end:
            await self.reserve()
        self._last += 1
        return self._last

    async def reserve(self) -> None:
        """Take a block of numbers, durably."""
        fleet = await self._store.get(Fleet)
        if fleet is None:
            raise Unavailable("the fleet is not founded yet")
        raised = msgspec.structs.replace(fleet, intake=fleet.intake + _BLOCK)
        refused = await self._store.commit((Changes(writes=(Write(before=fleet, after=raised),)),))
        if refused[0]:
            raise Unavailable(f"no intake numbers: {refused[0]}")
        self._last, self._end = fleet.intake, raised.intake
