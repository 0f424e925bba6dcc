"""A database as the third release left it: one of the second, upgraded, and written to since."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from tests.conformance.stores import second_schema
from tests.conformance.stores.rows import entry, linked, request_answer, webhook
from vmuster.model.journal import JournalEntry

DUMP: Final = Path(__file__).parents[2] / "data" / "store-0003.sql"
"""Every statement that makes such a database, as SQLite dumped it."""


def third_database(path: Path) -> Path:
    """Leave at `path` the database that the third release left, in WAL mode as it was."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(DUMP.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
    return path


_BEFORE: Final = [row for row in second_schema.ROWS if isinstance(row, JournalEntry)]
ROWS: Final[Sequence[msgspec.Struct]] = (
    *(row for row in second_schema.ROWS if not isinstance(row, JournalEntry)),
    webhook(version=1),
    request_answer(version=1),
    *linked(*_BEFORE, entry(id=6, at=54.0, what="called a webhook")),
)
"""What those rows are now."""
