"""The intake counter: one number for each report taken in, rising, never given twice.

The database holds a high-water that is raised in blocks: a crash skips numbers and repeats none.
"""

import asyncio
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
        self._turn = asyncio.Lock()

    @property
    def last(self) -> int:
        """The number given last; it never goes down."""
        return self._last

    def others(self, number: int, fleet: Fleet) -> bool:
        """Whether another server over the same database may have given this number.

        `fleet`: as the database has it now. So it is with what lies behind our own block, in one
        that was taken since; but not with what a person left behind with a quarantine.
        """
        return max(self._end, fleet.trusted) <= number <= fleet.intake and self._end < fleet.intake

    def rehearsed(self, store: Store) -> "IntakeNumbers":
        """The same numbers, given in vain, over a rehearsal of the store."""
        other = IntakeNumbers(store)
        other._last, other._end = self._last, self._end
        return other

    async def next(self) -> int:
        """A number above every one given before, by this server or an earlier one."""
        async with self._turn:
            while self._last >= self._end:
                await self._take_block()
            self._last += 1
            return self._last

    async def reserve(self) -> None:
        """Take a block of numbers, durably."""
        async with self._turn:
            await self._take_block()

    async def _take_block(self) -> None:
        """Raise the high-water; somebody else may write the fleet at the same moment."""
        fleet = await self._fleet()
        while refused := await self._raise(fleet):
            before, fleet = fleet, await self._fleet()
            if fleet.version == before.version:
                raise Unavailable(f"no intake numbers: {refused}")
        self._last, self._end = max(self._last, fleet.intake), fleet.intake + _BLOCK

    async def _raise(self, fleet: Fleet) -> str:
        raised = msgspec.structs.replace(fleet, intake=fleet.intake + _BLOCK)
        write = Write(before=fleet, after=raised)
        (refused,) = await self._store.commit((Changes(writes=(write,)),))
        return refused

    async def _fleet(self) -> Fleet:
        fleet = await self._store.get(Fleet)
        if fleet is None:
            raise Unavailable("the fleet is not founded yet")
        return fleet
