"""A link within one process: two bounded lanes of bytes.

Bytes, although both ends are Python: the in-process agent is then the same agent as a remote one,
and nothing but values can travel. A lane is made of a list and a tuple: what waits in it is short,
mostly nothing, and an empty deque takes ten times the room of an empty list, for each host.
"""

import asyncio
from types import CoroutineType
from typing import Any, Final

from vmuster.ports.link import LinkClosed

MESSAGES_MAX: Final = 256
"""Messages waiting in one direction; a sender waits beyond that."""


class Lane:
    """Messages in one direction, in their order; closed for good with the link."""

    __slots__ = ("_messages", "_waiting", "closed")

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._waiting: tuple[asyncio.Future[None], ...] = ()
        self.closed = False

    async def put(self, message: bytes) -> None:
        """Put a message in; waits for room. Raises `LinkClosed`."""
        while not self.closed and len(self._messages) >= MESSAGES_MAX:
            await self._change()
        if self.closed:
            raise LinkClosed
        self._messages.append(message)
        self._changed()

    async def take(self) -> bytes:
        """Take the next message out; waits for one, and lets others run where it need not wait: who
        is sent a thousand messages keeps nobody waiting (L13). Raises `LinkClosed`."""
        if self._messages:
            await asyncio.sleep(0)
        while not self.closed and not self._messages:
            await self._change()
        if self.closed:
            raise LinkClosed
        return self._taken()

    def waiting(self) -> bytes | None:
        """Take the next message out, where there is one."""
        return self._taken() if self._messages else None

    def _taken(self) -> bytes:
        self._changed()
        return self._messages.pop(0)

    def close(self) -> None:
        """Wake everybody who waits; what is in the lane is lost."""
        self.closed = True
        self._messages.clear()
        self._changed()

    def _change(self) -> asyncio.Future[None]:
        """The next change. Everybody who waits for it looks again then, in the order in which they
        came: so no turn is lost with one who gave up."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting = (*(each for each in self._waiting if not each.done()), turn)
        return turn

    def _changed(self) -> None:
        waiting, self._waiting = self._waiting, ()
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


class InProcessEnd:
    """One end; made in pairs by `in_process_link`."""

    __slots__ = ("_inbox", "_outbox")

    def __init__(self, inbox: Lane, outbox: Lane) -> None:
        self._inbox = inbox
        self._outbox = outbox

    def send(self, message: bytes) -> "CoroutineType[Any, Any, None]":
        """As `LinkEnd.send`."""
        return self._outbox.put(message)

    def receive(self) -> "CoroutineType[Any, Any, bytes]":
        """As `LinkEnd.receive`. No frame of its own: one waits here for each host."""
        return self._inbox.take()

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
