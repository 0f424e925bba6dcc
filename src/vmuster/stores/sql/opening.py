"""A SQLite database opened: the file prepared, one engine to write and one to read."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore

READERS: Final = 4
"""Connections that read; each has a thread of its own."""


def open_sqlite(path: Path) -> SqlStore:
    """The store in the file at `path`, made or brought to the present schema first.

    Blocks while it does so: call it before an event loop runs, or in a thread. Raises `Corrupt`
    where the file is damaged, not ours, or of a newer vmuster; `Unavailable` where it can't be
    opened now.
    """
    prepare(path)
    return SqlStore(
        writer=_engine(path, write=True, connections=1),
        reader=_engine(path, write=False, connections=READERS),
        dialect=SqliteDialect(),
    )


def _engine(path: Path, *, write: bool, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # an error is logged, and rows hold what no log should
    )
    hold_to_promises(engine.sync_engine, write=write)
    return engine
