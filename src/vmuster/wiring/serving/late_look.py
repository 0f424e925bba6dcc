"""The look at every index of the database that a start may put off, and what follows from it.

It is taken in the quiet time, when nothing is done automatically and the first round of reports is
through. What it finds ends the server, as it would have kept it from starting: no VM changes by it.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from vmuster.model.errors import Unavailable, VmusterError
from vmuster.ports.clock import Clock
from vmuster.stores.sql.wholeness import LateLook, leave

_log = structlog.get_logger("vmuster.serve")
_AFTER_SECONDS: Final = 60.0
"""After the start; and again, where the database did not answer."""


async def look_late(database: Path, clock: Clock, end: Callable[[VmusterError], None]) -> None:
    """Look, once. Where the database is damaged, `end` is told why nobody may go on with it."""
    look = LateLook(database)
    try:
        while True:
            await clock.sleep(_AFTER_SECONDS)
            try:
                await asyncio.to_thread(look.take)
            except Unavailable as error:
                _log.warning("the database is looked at later", why=error.message)
            except VmusterError as error:
                _log.error("the server ends", why=error.message)
                end(error)
                return
            else:
                return
    finally:
        look.stop()


def leave_in_order(database: Path) -> None:
    """Say in the database that its server has ended in good order. Where that can't be said, the
    next start takes longer."""
    try:
        leave(database)
    except VmusterError as error:
        _log.warning("the next start takes longer", why=error.message)
