"""The course that a fleet's past would have taken, pass by pass, and how it ends."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager

import structlog

from vmuster.model.ids import VmUuid
from vmuster.reconcile.differing import Compared, beside
from vmuster.reconcile.passed import Passed
from vmuster.reconcile.supposed import Change
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.whatif.ends import End, ends
from vmuster.sim.whatif.hands import Hands
from vmuster.sim.whatif.past import write_down
from vmuster.sim.whatif.rows import Rows
from vmuster.sim.whatif.server import PastServer


class Course:
    """One past under one supposition."""

    def __init__(self, change: Change) -> None:
        chance = Chance(0)
        self._loop = SimLoop(chance)
        self._was, self._now = Rows(), Rows()
        self._hands = Hands(self._was, self._now, change)
        self._server = PastServer(self._loop, self._now, chance)
        self._doubted = dict[str, frozenset[VmUuid]]()
        """By host, until its next pass tells what became of them."""

    def compared(self, passes: Iterable[Passed]) -> Iterator[Compared]:
        """Each pass of a recording beside what would have been decided at its moment, had all
        passes before it been decided so. Raises `Refused` where a setting is none."""
        with _unheard():
            for passed in passes:
                yield self._loop.run(self._beside(passed))

    def ends(self) -> tuple[End, ...]:
        """The records that are otherwise after all passes so far."""
        return ends(self._was, self._now)

    async def _beside(self, passed: Passed) -> Compared:
        doubted = frozenset[VmUuid]().union(*self._doubted.values())
        await self._hands.carry_over(passed.given, doubted)
        plan = await self._server.take_in(passed.given)
        self._hands.give_back()
        self._doubted[passed.given.report.host] = await write_down(self._was, passed)
        return beside(passed, plan)


@contextmanager
def _unheard() -> Generator[None]:
    """Whatever the server logs is of no course that was."""

    def drop(_logger: object, _method: str, _event: structlog.typing.EventDict) -> str:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop])
    try:
        yield
    finally:
        structlog.configure(**before)
