"""A database as the second release left it: one of the first, upgraded, and written to since."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from tests.conformance.stores import first_schema
from tests.conformance.stores.first_schema import DEFAULT, UP
from tests.conformance.stores.rows import api_key, credential, entry, held_plan, linked
from vmuster.model.automation import Disarmed
from vmuster.model.host import Host
from vmuster.model.journal import JournalEntry

DUMP: Final = Path(__file__).parents[2] / "data" / "store-0002.sql"
"""Every statement that makes such a database, as SQLite dumped it. Its journal has a gap."""


def second_database(path: Path) -> Path:
    """Leave at `path` the database that the second release left, in WAL mode as it was."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(DUMP.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
    return path


def _since(row: msgspec.Struct) -> msgspec.Struct:
    """A row of the first release as the second left it."""
    if not (isinstance(row, Host) and row.id == UP):
        return row
    disarmed = Disarmed(why="a new disk", by="ann", at=50.0)
    return replace(row, disarmed=disarmed, flaps=1, version=row.version + 1)


_BEFORE: Final = [row for row in first_schema.ROWS if isinstance(row, JournalEntry)]
_LINES: Final = (
    entry(id=3, at=52.0, what="disarmed é", host=UP, evidence={"b": [0.1, None], "a": -0.0}),
    entry(id=5, at=53.0, what="made a key"),
)
ROWS: Final[Sequence[msgspec.Struct]] = (
    *(_since(row) for row in first_schema.ROWS if not isinstance(row, JournalEntry)),
    api_key(name="ops", digest="1" * 64, version=1),
    held_plan(host=UP, cluster=DEFAULT, held_at=51.0, version=1),
    credential(version=1),
    *linked(*_BEFORE, *_LINES),
)
"""What those rows are now."""
