"""The end of the journal is read once in a transaction, and only where something is put there."""

import asyncio
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conformance.stores.rows import entry, linked
from vmuster.stores.sql.journaling import JournalEnd
from vmuster.stores.sql.sqlite import hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.tables import JOURNAL


def test_it_is_read_once_and_then_known(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    seen: list[str] = []

    def note(_1: object, _2: object, statement: str, *_rest: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    async def story() -> list[tuple[int, str]]:
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        hold_to_promises(engine.sync_engine, write=True)
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        async with engine.begin() as connection:
            end = JournalEnd(connection)
            await end.put([])
            assert seen == ["BEGIN"]
            await end.put([entry(what="a"), entry(what="b")])
            await end.put([entry(what="c")])
            assert seen == ["BEGIN", "SELECT", "INSERT", "INSERT"]
        async with engine.begin() as connection:
            await JournalEnd(connection).put([entry(what="d")])
            rows = await connection.execute(JOURNAL.select().order_by(JOURNAL.c.id))
            found = [(row.id, row.chain) for row in rows]
        await engine.dispose()
        return found

    expected = linked(*(entry(id=n, what=what) for n, what in enumerate("abcd", 1)))
    assert asyncio.run(story()) == [(line.id, line.chain) for line in expected]
