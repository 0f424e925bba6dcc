"""The intake counter: one number for each report taken in, rising, never given twice.

The database holds a high-water that is raised in blocks: a crash skips numbers and repeats none.
Where another server over the same database has taken a block since, the own one is left, and a new
one taken: else what comes now would bear a lower number than what the other has told already, and a
look from before it would pass for a later one (L7).
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
        self._between = range(0)
        """From the first number to the last that another server may have given before our block."""
        self._turn = asyncio.Lock()

    @property
    def last(self) -> int:
        """The number given last; it never goes down."""
        return self._last

    def others(self, number: int, fleet: Fleet) -> bool:
        """Whether another server over the same database may have given this number.

        `fleet`: as the database has it now. So it is with what lies behind our own block, in one
        that was taken since, and with what lay between two of ours; but not with what a person left
        behind with a quarantine.
        """
        behind = self._end <= number <= fleet.intake and self._end < fleet.intake
        return fleet.trusted <= number and (behind or number in self._between)

    def overtaken(self, fleet: Fleet) -> bool:
        """Whether another server over the same database has begun since, and still counts: it took
        a block after ours, and no person has left that behind with a quarantine.

        `fleet`: as the database has it now.
        """
        behind = 0 < self._end < fleet.intake
        last = fleet.intake if behind else self._between.stop
        return fleet.trusted < last

    def rehearsed(self, store: Store) -> "IntakeNumbers":
        """The same numbers, given in vain, over a rehearsal of the store."""
        other = IntakeNumbers(store)
        other._last, other._end = self._last, self._end
        return other

    async def next(self, fleet: Fleet | None = None) -> int:
        """A number above every one given before, by this server or an earlier one; and by another
        one at work, before `fleet` was read, which is after what is to be numbered had arrived.
        """
        async with self._turn:
            if fleet is not None and self._end < fleet.intake:
                await self._take_block()
            while self._last >= self._end:
                await self._take_block()
            self._last += 1
            return self._last

    async def reserve(self) -> None:
        """Take a block of numbers, durably."""
        async with self._turn:
            await self._take_block()

    async def prepare(self, many: int) -> None:
        """See to it that so many numbers are at hand: a block that is taken between the reading and
        the writing of a transaction would take back what rests on the fleet as it was read."""
        async with self._turn:
            if self._end - self._last < many:
                await self._take_block()

    async def _take_block(self) -> None:
        """Raise the high-water; somebody else may write the fleet at the same moment."""
        fleet = await self._fleet()
        while refused := await self._raise(fleet):
            before, fleet = fleet, await self._fleet()
            if fleet.version == before.version:
                raise Unavailable(f"no intake numbers: {refused}")
        if 0 < self._end < fleet.intake:
            first = self._between.start if self._between else self._end
            self._between = range(first, fleet.intake)
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
