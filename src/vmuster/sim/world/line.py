"""The network between a server and a host: late, cut one way or both, losing, repeating.

A line is the way; a link is one connection over it. A quiet line keeps the order of messages, as
TCP does: what is sent while it is cut arrives when it is whole again, unless the connection was
given up by then. An unruly one is a bus: messages are lost, come twice, and overtake each other.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from vmuster.ports.link import LinkClosed
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process

USUAL_SECONDS: Final = 0.005
GIVEN_UP_SECONDS: Final = 40.0
"""A connection on which nothing arrives for so long, though it was sent, is given up."""
WAITING_MAX: Final = 256
_AGAIN_SECONDS: Final = 1.0


class Line:
    """The way between the servers and one host. `slow`: how much slower than usual; `up_cut`,
    `down_cut`: nothing goes through to the server, or to the host; `lost`, `repeated`,
    `overtaken`: shares of the messages; `flaps_every`: it is cut and whole in turns of so many
    seconds."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.slow = 1.0
        self.up_cut = False
        self.down_cut = False
        self.lost = 0.0
        self.repeated = 0.0
        self.overtaken = 0.0
        self.flaps_every = 0.0
        self.near = False
        """Whether both ends are in one process: then nothing is late, and nothing is lost."""

    def quiet(self) -> None:
        """Be fast and quiet again; what is cut stays so."""
        self.slow, self.lost, self.repeated, self.overtaken = 1.0, 0.0, 0.0, 0.0


class SimEnd:
    """One end of a link, in one process. Implements `ports.link.LinkEnd`. `up`: whether what is
    sent here goes up, to the server. `on_send`, `on_receive` see each message."""

    def __init__(self, loop: SimLoop, line: Line, process: Process, *, up: bool) -> None:
        self.process = process
        self.on_send: Callable[[bytes], object] = lambda _message: None
        self.on_receive: Callable[[bytes], object] = lambda _message: None
        self.closed = False
        self._loop = loop
        self._line = line
        self._up = up
        self._other = self
        self._inbox: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._held: deque[tuple[bytes, float]] = deque()
        self._free_at = 0.0
        self._flying = 0

    def join(self, other: "SimEnd") -> None:
        """Make the other one the other end of this one."""
        self._other = other

    async def send(self, message: bytes) -> None:
        """As `LinkEnd.send`."""
        while not self.closed and self._other.full:  # noqa: ASYNC110  # no bell reaches this far
            await asyncio.sleep(0.05)
        if self.closed:
            raise LinkClosed
        self.on_send(message)
        line, chance = self._line, self._line.chance
        if line.near:
            self._other.arrive(message)
            return
        if line.lost and chance.happens(line.lost):
            return
        self._carry(message)
        if line.repeated and chance.happens(line.repeated):
            self._carry(message, later=chance.between(0.0, 30.0))

    async def receive(self) -> bytes:
        """As `LinkEnd.receive`."""
        while not self.closed and not self._inbox:
            self._news.clear()
            await self._news.wait()
        if self.closed:
            raise LinkClosed
        return self._taken()

    def waiting(self) -> bytes | None:
        """As `LinkEnd.waiting`."""
        return self._taken() if self._inbox else None

    def _taken(self) -> bytes:
        message = self._inbox.popleft()
        self.on_receive(message)
        return message

    def close(self) -> None:
        """As `LinkEnd.close`: the other end hears of it, where the line lets it."""
        if not self.closed:
            self._end()
            self._tell_other()

    @property
    def line(self) -> Line:
        """The way that it takes."""
        return self._line

    @property
    def full(self) -> bool:
        """Whether more would be too much: what waits here, and what is on its way here."""
        return len(self._inbox) + self._flying >= WAITING_MAX

    @property
    def _cut(self) -> bool:
        return self._line.up_cut if self._up else self._line.down_cut

    def arrive(self, message: bytes) -> None:
        """A message is here."""
        self._flying = max(0, self._flying - 1)
        if not self.closed:
            self._inbox.append(message)
            self._news.set()

    def _carry(self, message: bytes, later: float = 0.0) -> None:
        """Send a message on its way; on a quiet line none overtakes the one before."""
        line, now = self._line, self._loop.time()
        at = now + line.chance.delay(USUAL_SECONDS) * line.slow + later
        if line.overtaken and line.chance.happens(line.overtaken):
            at += line.chance.between(0.0, 20.0)
        elif not later:
            at = self._free_at = max(at, self._free_at + 1e-6)
        self._other._flying += 1  # noqa: SLF001  # the other end of this one
        self._loop.post_at(at, self._other.process, self._deliver, message, now + GIVEN_UP_SECONDS)

    def _deliver(self, message: bytes, given_up_at: float) -> None:
        """In the other end's process: it arrives, or is held up by a cut, behind what is held."""
        if not self._cut and not self._held:
            self._other.arrive(message)
            return
        self._held.append((message, given_up_at))
        if len(self._held) == 1:
            self._hold()

    def _hold(self) -> None:
        """Try again in a while, unless the connection is given up by then."""
        later = self._loop.time() + _AGAIN_SECONDS
        self._loop.post_at(later, self._other.process, self._try_again)

    def _try_again(self) -> None:
        """In the other end's process: what was held up arrives in its order, or all is given up."""
        if not self._cut:
            while self._held:
                self._other.arrive(self._held.popleft()[0])
        elif self._loop.time() >= self._held[0][1]:
            self._held.clear()
            self._other.lose()
            self._loop.post(self.process, self.lose)
        else:
            self._hold()

    def lose(self) -> None:
        """The connection is found to be gone."""
        self._end()

    def _tell_other(self) -> None:
        """Have the other end notice that this one is gone; over a cut line it does so at last."""
        late = self._line.chance.delay(USUAL_SECONDS) * self._line.slow
        if self._line.near:
            self._loop.post(self._other.process, self._other.lose)
            return
        if self._cut:
            late = max(late, GIVEN_UP_SECONDS)
        self._loop.post_at(self._loop.time() + late, self._other.process, self._other.lose)

    def gone_with_its_process(self) -> None:
        """This end's process was killed: its machine says so to the other end."""
        if not self.closed:
            self.closed = True
            self._tell_other()

    def _end(self) -> None:
        self.closed = True
        self._inbox.clear()
        self._news.set()
