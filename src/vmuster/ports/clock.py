"""Time and chance, as arguments of everything above the core."""

from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    def now(self) -> float:
        """Wall-clock epoch seconds: for people, and for deadlines that outlive a process."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards: for intervals within a process."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def uuid(self) -> UUID:
        """A fresh random uuid."""
        ...
