"""SQLite: everything the store does only because this is SQLite.

Durability is FULL: an acknowledged write survives a power cut, which NORMAL does not promise in
WAL mode. Every promise is read back, since SQLite ignores in silence what it does not know.
"""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, Insert, Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from vmuster.model.errors import Corrupt, Unavailable, VmusterError
from vmuster.model.text import bounded, visible

PROMISES: Final = (
    ("PRAGMA busy_timeout = 5000", "PRAGMA busy_timeout", 5000),
    ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"),
    ("PRAGMA synchronous = FULL", "PRAGMA synchronous", 2),
    ("PRAGMA wal_autocheckpoint = 4000", "PRAGMA wal_autocheckpoint", 4000),
    ("PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", 1),
    ("PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", 0),
    ("PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", 1),
)
"""What is set on every connection, how it is read back, and what must come back.

Another process may hold the database for 5 s (the timeout is in ms); what is written moves from the
log beside the file into the file 16 MB at a time, and not once with each large transaction;
functions hidden in a schema are not trusted (T16); a damaged page is noticed when it is read (F62).
"""

READ_ONLY: Final = (("PRAGMA query_only = ON", "PRAGMA query_only", 1),)
"""A reader can't write, whatever it is told."""

_NOT_NOW: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_TEXT: Final = "Could not decode to UTF-8"
"""How the driver begins to speak of text in a row that is none; it gives that error no code. Text
that it can't decode elsewhere, as in what SQLite says of a damaged schema, it does not speak of."""
_UNIQUE: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class SqliteDialect:
    """What the SQL store must know of SQLite."""

    def upsert(self, table: Table, values: Mapping[str, Any], kept: Collection[str]) -> Insert:
        """An INSERT of these `values`, by the names of their columns, that overwrites the row with
        the same primary key; what it has in the columns of `kept` stays."""
        statement = sqlite.insert(table).values(dict(values))
        key = [column.name for column in table.primary_key]
        written = [name for name in values if name not in key and name not in kept]
        return statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in written}
        )

    def violated(self, error: IntegrityError) -> tuple[str, ...] | None:
        """The columns whose uniqueness was broken; () for a reference, None for any other rule."""
        code = _code(error.orig)
        if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            return ()
        if code not in _UNIQUE:
            return None
        # It reads: UNIQUE constraint failed, a colon, then each column with its table's name.
        named = str(error.orig).partition(": ")[2]
        return tuple(column.rpartition(".")[2] for column in named.split(", "))

    def translate(self, error: DBAPIError | UnicodeDecodeError) -> VmusterError | None:
        """`error` as `Unavailable` or `Corrupt`; None for a mistake of ours, raised as it is."""
        return translated(error.orig if isinstance(error, DBAPIError) else error)


def translated(error: BaseException | None) -> VmusterError | None:
    """An error of SQLite in our words, or None where it speaks of a mistake of ours."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NO_TEXT):
        return damaged("it holds text that is none")
    primary = _code(error) & 0xFF
    if primary in _NOT_NOW:
        return Unavailable(
            f"the database does not answer: {error}",
            hint="see whether its disk is full, read-only or failing, or another process holds it",
        )
    if primary in _DAMAGED:
        return damaged(str(error))
    return None


def damaged(how: str) -> Corrupt:
    """What is said of a damaged database."""
    return Corrupt(
        f"the database is damaged: {visible(bounded(how))}",
        hint="stop, keep the file as it is for inspection, and restore the last backup",
    )


def _code(error: BaseException | None) -> int:
    """SQLite's extended result code, 0 where there is none."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code if isinstance(code, int) else 0


def hold_to_promises(engine: Engine, *, write: bool) -> None:
    """Have every connection of `engine` keep the promises, and begin transactions as it should.

    A writer takes the write lock at once: a transaction that reads first and asks for the lock
    later can be refused in the middle.
    """
    promises = PROMISES if write else PROMISES + READ_ONLY
    take_any_text(engine)

    def promise(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor: Any = connection.cursor()
        for statement, question, promised in promises:
            cursor.execute(statement)
            cursor.execute(question)
            (answer,) = cursor.fetchone()
            if answer != promised:
                raise Unavailable(
                    f"SQLite does not keep what vmuster relies on: {statement} gave {answer}",
                    hint="put the database on a local disk, not on a network file system",
                )
        cursor.close()

    begin_with(engine, "BEGIN IMMEDIATE" if write else "BEGIN")
    event.listen(engine, "connect", promise)


def take_any_text(engine: Engine) -> None:
    """Have `engine` give text that is no UTF-8 with lone surrogates in the place of what is none.

    The driver would give no row at all of those that were asked for, though one alone is damaged:
    `rows.from_row` says which (F62).
    """

    def on_connect(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        driver: Any = entry.driver_connection
        driver.text_factory = _any_text

    event.listen(engine, "connect", on_connect)


def _any_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def begin_with(engine: Engine, statement: str) -> None:
    """Have `engine` begin its transactions with `statement`, and the driver begin none."""

    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
