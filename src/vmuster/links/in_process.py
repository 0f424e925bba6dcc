"""A link within one process: two bounded queues of bytes.

Bytes, although both ends are Python: the in-process agent is then the same agent as a remote one,
and nothing but values can travel.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from vmuster.ports.link import LinkClosed

_T = TypeVar("_T")

MESSAGES_MAX = 256
"""Messages waiting in one direction; a sender waits beyond that."""


class InProcessEnd:
    """One end; made in pairs by `in_process_link`."""

    def __init__(
        self, inbox: asyncio.Queue[bytes], outbox: asyncio.Queue[bytes], closed: asyncio.Event
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._closed = closed

    async def send(self, message: bytes) -> None:
        """As `LinkEnd.send`."""
        if self._closed.is_set():
            raise LinkClosed
        await self._unless_closed(self._outbox.put(message))

    async def receive(self) -> bytes:
        """As `LinkEnd.receive`."""
        return await self._unless_closed(self._inbox.get())

    def close(self) -> None:
        """As `LinkEnd.close`."""
        self._closed.set()

    async def _unless_closed(self, work: Coroutine[None, None, _T]) -> _T:
        """The result of `work`, unless the link is closed, or closes first."""
        doing = asyncio.ensure_future(work)
        closing = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({doing, closing}, return_when=asyncio.FIRST_COMPLETED)
            if self._closed.is_set():
                raise LinkClosed
            return doing.result()
        finally:
            doing.cancel()
            closing.cancel()


def in_process_link() -> tuple[InProcessEnd, InProcessEnd]:
    """A new link: the server's end and the agent's end."""
    down: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_MAX)
    up: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_MAX)
    closed = asyncio.Event()
    return InProcessEnd(up, down, closed), InProcessEnd(down, up, closed)
