"""A SQLite database opened: the file prepared, one engine to write and one to read."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, create_engine

from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore
from vmuster.stores.sql.threads import EngineThreads

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
        writer=_threads(path, write=True, many=1),
        reader=_threads(path, write=False, many=READERS),
        dialect=SqliteDialect(),
    )


def _threads(path: Path, *, write: bool, many: int) -> EngineThreads:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=many,
        max_overflow=0,
        hide_parameters=True,  # an error is logged, and rows hold what no log should
    )
    hold_to_promises(engine, write=write)
    return EngineThreads(engine, many)
