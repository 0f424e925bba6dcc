"""Turns: one transaction of reports is judged while the one before it is written.

Deciding is work of this process, writing is work of the database and its disk: each would only wait
for the other. So the next transaction is judged on rows that may not show yet what the one before
it writes, and goes by what that one leaves (`standing`). They are written in their order. Where the
one before does not come about as it was judged, what was judged by it is judged again.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from vmuster.server.passes.standing import Standing


class Turns:
    """Who may judge, and who may write: one each."""

    def __init__(self) -> None:
        self.judging = asyncio.Lock()
        self.writing = asyncio.Lock()
        self.under_way: Standing | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator["Turn"]:
        """The next turn, which begins with judging."""
        await self.judging.acquire()
        turn = Turn(self)
        try:
            yield turn
        finally:
            turn.end()


class Turn:
    """One transaction's turn. `before`: what the one leaves that is being written as it begins."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._held = [turns.judging]
        self.before = turns.under_way

    async def come(self) -> bool:
        """Wait until the transaction before is over; whether what was judged by it holds."""
        await self._turns.writing.acquire()
        self._held.append(self._turns.writing)
        return self.before is None or self.before.holds

    def write(self, standing: Standing) -> None:
        """It is written now, and leaves this; meanwhile the next one is judged."""
        self._turns.under_way = standing
        self._held.remove(self._turns.judging)
        self._turns.judging.release()

    def end(self) -> None:
        """It is over, if it was not yet: the next one is written."""
        if self._turns.writing in self._held:
            self._turns.under_way = None
        while self._held:
            self._held.pop().release()
