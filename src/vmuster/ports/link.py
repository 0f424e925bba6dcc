"""The way between a server and an agent: bytes, in order, no answer promised.

A link may lose, repeat or delay; what must not be lost lies in the database.
"""

from typing import Protocol


class LinkEnd(Protocol):
    """One end of a link. `send` and `receive` raise `LinkClosed` once either end has closed."""

    async def send(self, message: bytes) -> None:
        """Hand over one message; waits while the other side's queue is full (L10)."""
        ...

    async def receive(self) -> bytes:
        """The next message."""
        ...

    def waiting(self) -> bytes | None:
        """The next message, where it is here already; None where `receive` would wait, or raise."""
        ...

    def close(self) -> None:
        """Close this end; the other end notices at its next call."""
        ...


class LinkClosed(Exception):
    """The other end is gone."""
