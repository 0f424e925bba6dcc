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
from vmuster.model.wire import VMS_MAX
from vmuster.server.context import Context, Conversations
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.passes.breath import Breath
from vmuster.server.passes.intake import take_in_all
from vmuster.server.passes.scope import Judged, judged
from vmuster.server.passes.turns import Turn, Turns

_TOGETHER_MAX: Final = 200
"""Reports in one transaction, of not many more VMs to judge than one host may have: nobody waits
long, and no burst takes much memory."""
_AT_ONCE: Final = 2
"""Transactions under way: one is judged, and one is written."""

_Waiting = tuple[Delivered, "asyncio.Future[str]"]
_Begun = tuple[Judged, _Waiting]


class Hearing:
    """Takes the reports of every host in."""

    def __init__(self, context: Context, conversations: Conversations) -> None:
        self._context = context
        self._conversations = conversations
        self._waiting: deque[_Waiting] = deque()
        self._turns = Turns()
        self._working: set[asyncio.Task[None]] = set()
        self._seconds = 0.0
        """How long the last transaction took."""

    def known(self, delivered: Delivered) -> bool:
        """Whether the account of a report is known; then it is taken in with this."""
        context, stamp = self._context, delivered.stamp
        if context.recorder.runs or not context.accounts.same(
            stamp, delivered.digest, intake=context.intakes.last
        ):
            return False
        context.pulses.reported(stamp.host)
        context.figures.add(PASSES, PassOutcome.UNCHANGED)
        return True

    def behind_seconds(self) -> float:
        """How long a report that comes now waits for those before it; 0 where the next transaction
        has room for it."""
        return len(self._waiting) // _TOGETHER_MAX * self._seconds

    async def hear(self, delivered: Delivered) -> str:
        """Take a report in; returns "" where it was applied, else why it was not, in words. Raises
        `BadMessage`, and what the store raises. Who gives up waiting takes nothing back."""
        if self.known(delivered):
            return ""
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivered, told))
        if len(self._working) < _AT_ONCE:
            task = asyncio.create_task(self._work())
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await told

    async def _work(self) -> None:
        """Take in what waits, until nothing does."""
        clock = self._context.clock
        while self._waiting:
            async with self._turns.turn() as turn:
                begun = clock.monotonic()
                await self._take(await self._together(), turn)
                self._seconds = clock.monotonic() - begun

    async def _together(self) -> list[_Begun]:
        """Begin with what waits, in its order, as far as it goes into one transaction."""
        some, vms, breath = list[_Begun](), 0, Breath()
        while self._waiting and len(some) < _TOGETHER_MAX and vms < VMS_MAX:
            begun = self._begin(self._waiting.popleft())
            some += begun
            new = sum(len(judged.report.vms) for judged, _ in begun)
            vms += new
            await breath.take(new)
        return some

    def _begin(self, one: _Waiting) -> list[_Begun]:
        """Begin with a report, if it is one; else say so."""
        try:
            return [(self._judged(one[0]), one)]
        except Exception as error:  # whatever it was: the others wait, too
            _fail(one[1], error)
            return []

    async def _take(self, some: Sequence[_Begun], turn: Turn) -> None:
        """Take reports in. A database that does not answer answers none of them; any other error
        may be that of one."""
        if not some:
            return
        try:
            many = [judged for judged, _ in some]
            await self._context.intakes.prepare(len(many))
            answers = await take_in_all(self._context, self._conversations, many, turn)
        except Exception as error:
            turn.end()
            if len(some) == 1 or isinstance(error, Unavailable):
                for _, (_, told) in some:
                    _fail(told, error)
            else:
                for _, one in some:
                    async with self._turns.turn() as alone:
                        await self._take(self._begin(one), alone)
            return
        for (_, (_, told)), why in zip(some, answers, strict=True):
            if not told.done():
                told.set_result(why)

    def _judged(self, delivered: Delivered) -> Judged:
        accounts, host = self._context.accounts, delivered.stamp.host
        begun = accounts.begin(host)
        known = None if self._context.recorder.runs else accounts.known(host)
        return judged(delivered, known, begun)


def _fail(told: "asyncio.Future[str]", error: Exception) -> None:
    if not told.done():
        told.set_exception(error)
