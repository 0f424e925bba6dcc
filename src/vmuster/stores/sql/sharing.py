"""Group commit: whoever waits while one transaction runs goes into the next one together.

A durable transaction costs the same few milliseconds for one set of changes as for hundreds. So
nobody is made to wait for company, and under load the cost is shared by all that came meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from vmuster.model.changes import Changes
from vmuster.model.errors import VmusterError

SETS_MAX: Final = 1000
"""Sets of changes in one transaction, unless a single caller brings more (L10)."""

_Write = Callable[[Sequence[Changes]], Awaitable[list[str]]]
_Caller = tuple[Sequence[Changes], asyncio.Future[list[str]]]


class SharedTransactions:
    """Callers that are served in their order by `write`, which writes sets of changes in one
    transaction, while nobody else holds `turn`."""

    def __init__(self, write: _Write, turn: asyncio.Lock) -> None:
        self._write = write
        self._turn = turn
        self._waiting = deque[_Caller]()
        self._serving: asyncio.Task[None] | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """The answers to `changes`, or the error of their transaction. A caller that is cancelled
        changes nothing but that it does not hear of it."""
        answers = asyncio.get_running_loop().create_future()
        self._waiting.append((changes, answers))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await asyncio.shield(answers)

    async def finished(self) -> None:
        """Let all that wait be served."""
        if self._serving is not None and not self._serving.done():
            await asyncio.wait([self._serving])

    async def _serve(self) -> None:
        while self._waiting:
            async with self._turn:
                await self._write_for(self._next())

    def _next(self) -> Sequence[_Caller]:
        callers, sets = list[_Caller](), 0
        while self._waiting and (not callers or sets + len(self._waiting[0][0]) <= SETS_MAX):
            callers.append(self._waiting.popleft())
            sets += len(callers[-1][0])
        return callers

    async def _write_for(self, callers: Sequence[_Caller]) -> None:
        """One transaction for all. Where it fails by something that is no fault of the database,
        and so of one of them, each has one of its own: nobody pays for another's mistake."""
        try:
            refused = await self._write([each for changes, _ in callers for each in changes])
        except Exception as error:
            if len(callers) > 1 and not isinstance(error, VmusterError):
                for caller in callers:
                    await self._write_for([caller])
                return
            for _, answers in callers:
                answers.set_exception(error)
            return
        for changes, answers in callers:
            answers.set_result(refused[: len(changes)])
            refused = refused[len(changes) :]
