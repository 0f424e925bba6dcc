"""The end of the journal is read once in a transaction, and only where something is put there."""

from pathlib import Path

from sqlalchemy import create_engine, event

from tests.conformance.stores.rows import entry, linked
from vmuster.stores.sql.journaling import JournalEnd
from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.statements import Statements
from vmuster.stores.sql.tables import JOURNAL


def test_it_is_read_once_and_then_known(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    seen: list[str] = []

    def note(_1: object, _2: object, statement: str, *_rest: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    engine = create_engine(f"sqlite:///{path}")
    hold_to_promises(engine, write=True)
    statements = Statements(SqliteDialect(), engine.dialect)
    event.listen(engine, "before_cursor_execute", note)
    with engine.begin() as connection:
        end = JournalEnd(connection, statements)
        end.put([])
        assert seen == ["BEGIN"]
        end.put([entry(what="a"), entry(what="b")])
        end.put([entry(what="c")])
        assert seen == ["BEGIN", "SELECT", "INSERT", "INSERT"]
    with engine.begin() as connection:
        JournalEnd(connection, statements).put([entry(what="d")])
        rows = connection.execute(JOURNAL.select().order_by(JOURNAL.c.id))
        found = [(row.id, row.chain) for row in rows]
    engine.dispose()
    expected = linked(*(entry(id=n, what=what) for n, what in enumerate("abcd", 1)))
    assert found == [(line.id, line.chain) for line in expected]
