"""Reports as they come in: the known at once, the others together with whatever waits.

While one transaction is under way, reports of other hosts come in; they share the next one. Of each
host one report is under way at a time, for its conversation waits: a host that says a thousand
things has one place among the others (L13). Where a transaction fails as a whole, each of its
reports is tried alone, so that none suffers for another.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from vmuster.model.errors import Unavailable
from vmuster.model.messages import Delivered
from vmuster.server.context import Context, Conversations
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.passes.intake import take_in_all
from vmuster.server.passes.scope import Judged, judged

_TOGETHER_MAX: Final = 200
"""Reports in one transaction: what is asked for in each is little, and nobody waits long."""

_Waiting = tuple[Delivered, "asyncio.Future[str]"]


class Hearing:
    """Takes the reports of every host in."""

    def __init__(self, context: Context, conversations: Conversations) -> None:
        self._context = context
        self._conversations = conversations
        self._waiting: deque[_Waiting] = deque()
        self._working: asyncio.Task[None] | None = None

    async def hear(self, delivered: Delivered) -> str:
        """Take a report in; returns "" where it was applied, else why it was not, in words. Raises
        `BadMessage`, and what the store raises. Who gives up waiting takes nothing back."""
        context, stamp = self._context, delivered.stamp
        if not context.recorder.runs and context.accounts.same(
            stamp, delivered.digest, intake=context.intakes.last
        ):
            context.pulses.reported(stamp.host)
            context.figures.add(PASSES, PassOutcome.UNCHANGED)
            return ""
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivered, told))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await told

    async def _work(self) -> None:
        """Take in what waits, until nothing does."""
        try:
            while self._waiting:
                number = min(len(self._waiting), _TOGETHER_MAX)
                await self._take([self._waiting.popleft() for _ in range(number)])
        finally:
            self._working = None

    async def _take(self, some: Sequence[_Waiting]) -> None:
        """Take reports in. A database that does not answer answers none of them; any other error
        may be that of one."""
        begun: list[tuple[Judged, _Waiting]] = []
        for one in some:
            try:
                begun.append((self._begun(one[0]), one))
            except Exception as error:  # whatever it was: the others wait, too
                _fail(one[1], error)
        if not begun:
            return
        many = [each for each, _ in begun]
        try:
            answers = await take_in_all(self._context, self._conversations, many)
        except Exception as error:
            if len(begun) == 1 or isinstance(error, Unavailable):
                for _, (_, told) in begun:
                    _fail(told, error)
            else:
                for _, one in begun:
                    await self._take([one])
            return
        for (_, (_, told)), why in zip(begun, answers, strict=True):
            if not told.done():
                told.set_result(why)

    def _begun(self, delivered: Delivered) -> Judged:
        accounts, host = self._context.accounts, delivered.stamp.host
        begun = accounts.begin(host)
        known = None if self._context.recorder.runs else accounts.known(host)
        return judged(delivered, known, begun)


def _fail(told: "asyncio.Future[str]", error: Exception) -> None:
    if not told.done():
        told.set_exception(error)
