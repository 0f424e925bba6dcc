"""What a look-up asks of SQLite, and how SQLite goes about it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event

from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore
from vmuster.stores.sql.threads import EngineThreads

LookUp = Callable[[SqlStore], Awaitable[object]]


def statements_of(path: Path, look_up: LookUp) -> list[tuple[str, Any]]:
    """What a look-up asks of the database."""
    prepare(path)
    seen: list[tuple[str, Any]] = []

    def note(_1: object, _2: object, statement: str, parameters: Any, *_rest: object) -> None:
        seen.append((statement, parameters))

    async def ask() -> None:
        engine = create_engine(f"sqlite:///{path}")
        hold_to_promises(engine, write=False)
        event.listen(engine, "before_cursor_execute", note)
        threads = EngineThreads(engine, many=1)
        store = SqlStore(writer=threads, reader=threads, dialect=SqliteDialect())
        await look_up(store)
        await store.close()

    asyncio.run(ask())
    return [(statement, parameters) for statement, parameters in seen if statement != "BEGIN"]


def plans_of(path: Path, look_up: LookUp) -> Sequence[Sequence[str]]:
    """The steps of the plan of each statement of a look-up."""
    with closing(sqlite3.connect(path)) as database:
        return [
            [row[-1] for row in database.execute("EXPLAIN QUERY PLAN " + statement, parameters)]
            for statement, parameters in statements_of(path, look_up)
        ]
