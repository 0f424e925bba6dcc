"""A link within one process: two bounded lanes of bytes.

Bytes, although both ends are Python: the in-process agent is then the same agent as a remote one,
and nothing but values can travel. A lane is made of lists: what waits in one is short, mostly
nothing, and an empty deque takes ten times the room of an empty list, six times for each host.
"""

import asyncio
from contextlib import suppress
from typing import Final

from vmuster.ports.link import LinkClosed

MESSAGES_MAX: Final = 256
"""Messages waiting in one direction; a sender waits beyond that."""


class Lane:
    """Messages in one direction, in their order; closed for good with the link."""

    __slots__ = ("_messages", "_receivers", "_senders", "closed")

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._senders: list[asyncio.Future[None]] = []
        self._receivers: list[asyncio.Future[None]] = []
        self.closed = False

    async def put(self, message: bytes) -> None:
        """Put a message in; waits for room. Raises `LinkClosed`."""
        while not self.closed and len(self._messages) >= MESSAGES_MAX:
            await _turn(self._senders)
        if self.closed:
            raise LinkClosed
        self._messages.append(message)
        _wake(self._receivers)

    async def take(self) -> bytes:
        """Take the next message out; waits for one, and lets others run where it need not wait: who
        is sent a thousand messages keeps nobody waiting (L13). Raises `LinkClosed`."""
        if self._messages:
            await asyncio.sleep(0)
        while not self.closed and not self._messages:
            await _turn(self._receivers)
        if self.closed:
            raise LinkClosed
        return self._taken()

    def waiting(self) -> bytes | None:
        """Take the next message out, where there is one."""
        return self._taken() if self._messages else None

    def _taken(self) -> bytes:
        _wake(self._senders)
        return self._messages.pop(0)

    def close(self) -> None:
        """Wake everybody who waits; what is in the lane is lost."""
        self.closed = True
        self._messages.clear()
        for waiting in (self._senders, self._receivers):
            while waiting:
                _wake(waiting)


class InProcessEnd:
    """One end; made in pairs by `in_process_link`."""

    __slots__ = ("_inbox", "_outbox")

    def __init__(self, inbox: Lane, outbox: Lane) -> None:
        self._inbox = inbox
        self._outbox = outbox

    async def send(self, message: bytes) -> None:
        """As `LinkEnd.send`."""
        await self._outbox.put(message)

    async def receive(self) -> bytes:
        """As `LinkEnd.receive`."""
        return await self._inbox.take()

    def waiting(self) -> bytes | None:
        """As `LinkEnd.waiting`."""
        return self._inbox.waiting()

    def close(self) -> None:
        """As `LinkEnd.close`."""
        self._inbox.close()
        self._outbox.close()


def in_process_link() -> tuple[InProcessEnd, InProcessEnd]:
    """A new link: the server's end and the agent's end."""
    down, up = Lane(), Lane()
    return InProcessEnd(up, down), InProcessEnd(down, up)


async def _turn(waiting: list[asyncio.Future[None]]) -> None:
    """Wait to be woken. Who is woken and cancelled at once hands its turn on."""
    turn = asyncio.get_running_loop().create_future()
    waiting.append(turn)
    try:
        await turn
    except asyncio.CancelledError:
        if not turn.cancelled():
            _wake(waiting)
        with suppress(ValueError):  # somebody came to wake it, and went on to the next
            waiting.remove(turn)
        raise


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    """Wake the first who waits, if anybody does."""
    while waiting:
        turn = waiting.pop(0)
        if not turn.done():
            turn.set_result(None)
            return
