"""A database of the first release is read as it was meant: nothing lost, nothing disarmed."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import msgspec
import pytest
from msgspec.structs import replace

from tests.conformance.stores.first_schema import ROWS, UP, first_database
from tests.conformance.stores.rows import changed, entry
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.journal import JournalEntry
from vmuster.model.vm import VmRecord
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.sqlite_file import prepare


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return first_database(tmp_path / "vmuster.db")


def query(path: Path, question: str) -> Sequence[tuple[object, ...]]:
    """Ask a database behind our back."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(question).fetchall()


def all_rows(path: Path) -> Sequence[msgspec.Struct]:
    """Every row of every kind, as the store gives it."""

    async def read() -> Sequence[msgspec.Struct]:
        store = open_sqlite(path)
        found = [row for kind in KINDS for row in await store.find(cast(type[VmRecord], kind))]
        await store.close()
        return found

    return asyncio.run(read())


def test_the_database_of_before_has_rows_in_every_table(path: Path) -> None:
    tables = [
        str(name) for (name,) in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    empty = [name for name in tables if not query(path, f"SELECT 1 FROM {name}")]
    assert empty == []
    assert query(path, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_every_row_reads_back_equal_with_what_was_meant(path: Path) -> None:
    assert all_rows(path) == [row for kind in KINDS for row in ROWS if type(row) is kind]


def test_only_a_host_that_is_up_has_been_well(path: Path) -> None:
    prepare(path)
    assert query(path, "SELECT id, health, well_since, flaps FROM host ORDER BY id") == [
        ("lost", "suspect", None, 0),
        ("up", "up", 31.5, 0),
    ]


def test_an_upgraded_database_takes_writes_and_gives_no_journal_id_twice(path: Path) -> None:
    async def story() -> None:
        store = open_sqlite(path)
        home = await store.get(Host, UP)
        assert home is not None
        more = Changes(entries=(entry(),))
        assert await store.commit([changed(home, replace(home, flaps=1)), more]) == ["", ""]
        assert await store.get(Host, UP) == replace(home, flaps=1, version=3)
        assert [line.id for line in await store.find(JournalEntry)] == [1, 2, 3]
        await store.close()

    asyncio.run(story())


def test_rows_have_a_checksum_once_they_are_written_again(path: Path) -> None:
    test_an_upgraded_database_takes_writes_and_gives_no_journal_id_twice(path)
    assert query(path, "SELECT checksum IS NULL FROM host ORDER BY id") == [(1,), (0,)]
    assert query(path, "SELECT checksum IS NULL FROM journal ORDER BY id") == [(1,), (1,), (0,)]
