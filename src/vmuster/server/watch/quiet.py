"""The quiet time: after a start, and after a jump of the clock, first look, then judge.

Measured by the monotonic clock, so that no jump of the wall clock ends it. The watch compares the
two clocks often: slow drift is no jump. After a jump it lasts for at least the window in which
automatic acts are added up, whatever a policy says: by then every act that either clock had counted
in a window is out of it, and a pause of before the jump is over.
"""

import asyncio
from typing import Final

from vmuster.model.policy import WINDOW_SECONDS
from vmuster.ports.clock import Clock
from vmuster.reconcile.idle import Calm

JUMP_SECONDS: Final = 5.0
"""A wall clock that moved by more than this against the monotonic one was set."""


class QuietTime:
    """The quiet time of one server; it begins with it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.monotonic()
        self._jumped_until = self._begun
        self._offset = self._apart()
        self._unheeded = 0.0
        self.heeding = asyncio.Lock()
        """Held while a jump is heeded: nobody judges by what is not written yet."""

    def left(self, seconds: float) -> float:
        """How much is left, in seconds, of a quiet time of `seconds`."""
        return self.calm.left(seconds)

    @property
    def calm(self) -> Calm:
        """For how long there is calm now."""
        now = self._clock.monotonic()
        return Calm(seconds=now - self._begun, jumped_seconds=self._jumped_until - now)

    def begin(self) -> None:
        """It begins anew."""
        self._begun = self._clock.monotonic()

    def jump(self) -> float:
        """By how many seconds the wall clock was set since the last call; 0 where it was not.

        With a jump the quiet time begins anew.
        """
        before, self._offset = self._offset, self._apart()
        if abs(self._offset - before) > JUMP_SECONDS:
            self._unheeded += self._offset - before
            self.begin()
            self._jumped_until = self._begun + WINDOW_SECONDS
        moved, self._unheeded = self._unheeded, 0.0
        return moved

    def keep(self, seconds: float) -> None:
        """There is no calm for so long: a jump was heeded before this server began."""
        self._jumped_until = max(self._jumped_until, self._clock.monotonic() + seconds)

    def jumped(self, seconds: float) -> None:
        """A jump that could not be heeded is said again."""
        self._unheeded += seconds

    def _apart(self) -> float:
        return self._clock.now() - self._clock.monotonic()
