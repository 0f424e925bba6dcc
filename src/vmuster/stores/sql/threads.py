"""Threads in which one engine is used: a whole transaction is one hop, and no event loop waits.

A statement is a few microseconds of a database in the same process; to hand each of them to
another thread and to wait for it costs a hundred times as much. So drivers are used as they are,
blocking, and what waits for them is a thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from vmuster.model.errors import Unavailable

_T = TypeVar("_T")
_WAIT_SECONDS: Final = 30.0
"""How long somebody waits for a thread before it is said that all are in use (L10)."""


class EngineThreads:
    """`engine`, and as many threads to use it in as it may have connections: `many`."""

    def __init__(self, engine: Engine, many: int) -> None:
        self.engine = engine
        self._threads = ThreadPoolExecutor(many, thread_name_prefix="vmuster-database")
        self._free = asyncio.Semaphore(many)

    async def run(self, work: Callable[[], _T]) -> _T:
        """What `work` gives, done in one of the threads. It goes on when its caller is cancelled:
        see to it that somebody waits for it. Raises `Unavailable` where no thread becomes free.
        """
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(
                "every connection to the database is in use", hint="try again"
            ) from None
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, copy_context().run, work)
        finally:
            self._free.release()

    def close(self) -> None:
        """Release the database; nothing may be under way any more."""
        self.engine.dispose()
        self._threads.shutdown()


class Lasting:
    """A transaction that lasts while its owner does other things, and is undone at its end. It
    belongs to one thread: all of it is done there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """Where it is under way."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def undo(self) -> None:
        """End it, if it was ever begun."""
        if self._connection is not None:
            with self._connection as connection:
                connection.rollback()
