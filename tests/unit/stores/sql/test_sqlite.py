"""What is promised of SQLite is kept, and its errors are told apart."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.conformance.stores.rows import named_row, other_host
from tests.parts import host, sighting
from vmuster.model.errors import Corrupt, Unavailable, VmusterError
from vmuster.stores.sql.sqlite import (
    PROMISES,
    SqliteDialect,
    begin_with,
    hold_to_promises,
    translated,
)
from vmuster.stores.sql.tables import HOST, METADATA, SIGHTING

PROMISED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


@pytest.mark.parametrize("write", [True, False])
def test_every_connection_keeps_the_promises(tmp_path: Path, write: bool) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/a.db")
    hold_to_promises(engine, write=write)
    with engine.connect() as connection:
        kept = {
            name: connection.execute(text(question)).scalar_one()
            for _, question, _ in PROMISES
            if (name := question.split()[1])
        }
    engine.dispose()
    assert kept.items() >= PROMISED.items()
    assert kept["busy_timeout"] > 0


def test_a_reader_can_not_write(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/a.db")
    hold_to_promises(engine, write=False)
    with engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("CREATE TABLE x (y)"))
    engine.dispose()


def test_a_promise_that_is_not_kept_is_said_at_once() -> None:
    engine = create_engine("sqlite://")
    hold_to_promises(engine, write=True)  # in memory there is no WAL
    with pytest.raises(Unavailable, match="journal_mode = WAL gave memory"):
        engine.connect()


def test_a_writer_holds_the_lock_from_the_start(tmp_path: Path) -> None:
    writer, other = (create_engine(f"sqlite:///{tmp_path}/a.db") for _ in range(2))
    hold_to_promises(writer, write=True)
    begin_with(other, "BEGIN IMMEDIATE")
    with writer.begin(), other.connect() as second:
        second.connection.driver_connection.execute("PRAGMA busy_timeout = 0")  # pyright: ignore[reportOptionalMemberAccess]
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("SELECT 1"))
    writer.dispose()
    other.dispose()


def test_an_upsert_overwrites_the_row_of_the_same_key() -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for row in (sighting(why="a", name="x"), sighting(why="b", name="y")):
            values = named_row(row)
            connection.execute(SqliteDialect().upsert(SIGHTING, values, kept=("name",)))
        (there,) = connection.execute(select(SIGHTING.c.why, SIGHTING.c.name)).all()
        assert tuple(there) == ("b", "x")


def test_it_is_said_which_uniqueness_was_broken() -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    same_name = other_host(name="home")
    broken: list[tuple[str, ...] | None] = []
    with engine.begin() as connection:
        connection.execute(insert(HOST), [named_row(host()) | {"version": 1}])
        for row in (
            named_row(host()) | {"version": 1, "name": "new"},
            named_row(same_name) | {"version": 1},
            named_row(other_host()) | {"version": 0},
        ):
            with pytest.raises(IntegrityError) as caught:
                connection.execute(insert(HOST), [row])
            broken.append(SqliteDialect().violated(caught.value))
    assert broken == [("id",), ("name",), None]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Unavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, Unavailable),
        (sqlite3.SQLITE_FULL, Unavailable),
        (sqlite3.SQLITE_READONLY_DBMOVED, Unavailable),
        (sqlite3.SQLITE_CANTOPEN, Unavailable),
        (sqlite3.SQLITE_CORRUPT_INDEX, Corrupt),
        (sqlite3.SQLITE_NOTADB, Corrupt),
    ],
)
def test_errors_are_told_apart_by_code(code: int, kind: type[VmusterError]) -> None:
    error = sqlite3.OperationalError("what happened")
    error.sqlite_errorcode = code
    ours = translated(error)
    assert ours is not None
    assert type(ours) is kind
    assert "what happened" in str(ours)
    assert ours.hint


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("Could not decode to UTF-8 column 'a' with text '\x1b'"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
)
def test_text_that_is_none_is_damage_and_is_not_shown(error: Exception) -> None:
    ours = translated(error)
    assert isinstance(ours, Corrupt)
    assert ours.message == "the database is damaged: it holds text that is none"


def test_what_sqlite_says_of_damage_can_be_shown() -> None:
    error = sqlite3.DatabaseError("malformed\n\x1b[2J" + "A" * 9999)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    ours = translated(error)
    assert ours is not None
    assert ours.message.isprintable()
    assert len(ours.message) < 400


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as memory,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        memory.execute("SELECT nothing FROM nowhere")
    assert translated(caught.value) is None
    assert translated(ValueError()) is None
