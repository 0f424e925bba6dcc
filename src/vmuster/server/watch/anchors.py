"""The journal's head, in the log: at the start, at the end, and every hour between.

Logs are kept elsewhere. Who changes the journal later can compute every hash anew, but not what
was logged of it before: `vmuster journal verify --anchor` finds the difference (T31).
"""

from typing import Final

import structlog

from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.answers.anchor import head

_log = structlog.get_logger("vmuster.journal")
EVERY_SECONDS: Final = 3600.0


class Anchors:
    """Logs the head of one server's journal."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Log the head now, and every hour."""
        while True:
            await self.once()
            await self._clock.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """Log the head. One that can't be read now costs itself: the next one counts."""
        try:
            found = await head(self._store)
        except Exception as error:  # whatever it was: the server goes on, and says so
            _log.error("the head of the journal can't be read", why=repr(error))
        else:
            _log.info("journal head", anchor=found.anchor)
