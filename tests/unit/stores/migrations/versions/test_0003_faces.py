"""Databases of before come up whole: each row as it was meant, a journal that hangs together."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import msgspec
import pytest

from tests.conformance.stores import first_schema, second_schema
from tests.conformance.stores.first_schema import first_database
from tests.conformance.stores.rows import entry
from tests.conformance.stores.second_schema import second_database
from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt
from vmuster.model.journal import FIRST_LINK, JournalEntry, link
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.vm import VmRecord
from vmuster.server.answers.audit import verify
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.sqlite_file import prepare

Make = Callable[[Path], Path]
BOTH = pytest.mark.parametrize(
    ("make", "rows", "schema"),
    [
        pytest.param(first_database, first_schema.ROWS, "0001", id="0001"),
        pytest.param(second_database, second_schema.ROWS, "0002", id="0002"),
    ],
)


def run(path: Path, *statements: str) -> Sequence[tuple[object, ...]]:
    """Speak to a database behind our back; the answer to the last word."""
    with closing(sqlite3.connect(path)) as database:
        answers = [database.execute(statement).fetchall() for statement in statements]
        database.commit()
    return answers[-1]


def all_rows(path: Path) -> Sequence[msgspec.Struct]:
    """Every row of every kind, as the store gives it."""

    async def read() -> Sequence[msgspec.Struct]:
        store = open_sqlite(path)
        found = [row for kind in KINDS for row in await store.find(cast(type[VmRecord], kind))]
        await store.close()
        return found

    return asyncio.run(read())


@BOTH
def test_the_database_of_before_has_rows_in_every_table(
    tmp_path: Path, make: Make, rows: Sequence[msgspec.Struct], schema: str
) -> None:
    path = make(tmp_path / "vmuster.db")
    tables = [
        str(name) for (name,) in run(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    assert [name for name in tables if not run(path, f"SELECT 1 FROM {name}")] == []
    assert len(tables) <= len({type(row) for row in rows}) + 2
    assert run(path, "SELECT version_num FROM alembic_version") == [(schema,)]


@BOTH
def test_every_row_reads_back_equal(
    tmp_path: Path, make: Make, rows: Sequence[msgspec.Struct], schema: str
) -> None:
    path = make(tmp_path / "vmuster.db")
    assert schema != "0004"
    assert all_rows(path) == [row for kind in KINDS for row in rows if type(row) is kind]
    assert run(path, "SELECT version_num FROM alembic_version") == [("0004",)]


@BOTH
def test_the_journal_verifies_and_goes_on(
    tmp_path: Path, make: Make, rows: Sequence[msgspec.Struct], schema: str
) -> None:
    before = [row for row in rows if isinstance(row, JournalEntry)]

    async def story() -> None:
        store = open_sqlite(make(tmp_path / f"{schema}.db"))
        assert (await verify(store, (before[-1].id, before[-1].chain))).sound
        assert await store.commit([Changes(entries=(entry(),))]) == [""]
        verdict = await verify(store, (before[-1].id, before[-1].chain))
        assert (verdict.what, verdict.entries, verdict.head) == (
            "",
            len(before) + 1,
            before[-1].id + 1,
        )
        await store.close()

    asyncio.run(story())


def test_links_go_on_from_page_to_page(tmp_path: Path) -> None:
    path = second_database(tmp_path / "vmuster.db")
    more = (
        "INSERT INTO journal (at, kind, actor, what, rule, name, evidence) "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "
        "SELECT i, 'audit', 'ann', 'line ' || i, '', '', '{}' FROM n"
    )
    run(path, more)
    prepare(path)

    async def check() -> None:
        store = open_sqlite(path)
        before = FIRST_LINK
        lines = await store.find(JournalEntry, limit=5000)
        for line in lines:
            assert line.chain == link(before, line)
            before = line.chain
        assert len(lines) == 2504
        await store.close()

    asyncio.run(check())


@pytest.mark.parametrize(
    "damage", ["evidence = '{'", "evidence = CAST(x'ff' AS TEXT)", "what = CAST(x'ff41' AS TEXT)"]
)
def test_an_entry_that_can_not_be_read_holds_nothing_up_and_is_found(
    tmp_path: Path, damage: str
) -> None:
    path = second_database(tmp_path / "vmuster.db")
    run(path, f"UPDATE journal SET {damage} WHERE id = 2")
    prepare(path)
    assert run(path, "SELECT id FROM journal WHERE chain = ''") == [(2,)]

    async def check() -> None:
        store = open_sqlite(path)
        verdict = await verify(store, None)
        assert (verdict.sound, verdict.broken_at, verdict.entries) == (False, 2, 1)
        await store.close()

    asyncio.run(check())


def test_keys_of_before_may_do_everything_and_are_still_held_to_their_checksum(
    tmp_path: Path,
) -> None:
    path = second_database(tmp_path / "vmuster.db")
    run(path, "UPDATE api_key SET digest = 'ff' WHERE name = 'ops'")

    async def check() -> None:
        store = open_sqlite(path)
        ci = await store.get(ApiKey, "ci")
        assert ci is not None
        assert (ci.scope, ci.created_by, ci.expires_at) == (Scope.ADMIN, "", None)
        with pytest.raises(Corrupt, match="key ops"):
            await store.get(ApiKey, "ops")
        await store.close()

    asyncio.run(check())
    checksums = run(path, "SELECT name, checksum IS NULL FROM api_key ORDER BY name")
    assert checksums == [("ci", 1), ("ops", 0)]
