"""A copy is of one moment, whoever writes meanwhile; and a look writes nothing."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.behind import asked, run
from tests.conformance.stores.first_schema import first_database
from tests.conformance.stores.rows import api_key, inserted
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Fleet
from vmuster.model.keys import ApiKey
from vmuster.stores.sql import copying
from vmuster.stores.sql.copying import (
    copy_database,
    inspect,
    is_alone,
    open_to_read,
    revisions,
)
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.sqlite_file import prepare


def unheard(_done: int, _all: int) -> None:
    pass


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "vmuster.db"
    prepare(path)
    return path


def test_a_copy_is_one_whole_file_of_the_present_schema(database: Path, tmp_path: Path) -> None:
    target, heard = tmp_path / "copy.db", list[tuple[int, int]]()
    copy_database(database, target, lambda done, all_: heard.append((done, all_)))
    assert is_alone(target)
    found = inspect(target, alone=True, full=True)
    assert (found.current, found.revision) == (True, revisions()[0])
    assert asked(target, "PRAGMA journal_mode") == "delete"
    assert heard[-1][0] == heard[-1][1] > 0


def test_a_copy_is_of_one_moment_under_load(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tables that are always written together agree in the copy, and a writer never rests."""
    monkeypatch.setattr(copying, "_STEP_PAGES", 4)
    run(database, "CREATE TABLE a (n)", "CREATE TABLE b (n)")
    over, written = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as connection:
            number = 0
            while not over.is_set():
                connection.execute("BEGIN IMMEDIATE")
                for table in ("INSERT INTO a VALUES (?)", "INSERT INTO b VALUES (?)"):
                    connection.execute(table, (f"{number}" * 500,))
                connection.execute("COMMIT")
                number += 1
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(30)
        copied, steps = set[object](), list[int]()
        for number in range(3):
            target = tmp_path / f"{number}.db"
            copy_database(database, target, lambda done, _: steps.append(done))
            rows = asked(target, "SELECT count(*) FROM a")
            assert rows == asked(target, "SELECT count(*) FROM b")
            assert asked(target, "PRAGMA integrity_check") == "ok"
            copied.add(rows)
        assert len(copied) > 1, "something was written meanwhile"
        assert len(steps) > 10
    finally:
        over.set()
        writer.join(30)


def test_a_look_at_a_file_writes_nothing(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    copy_database(database, target, unheard)
    before = target.read_bytes()
    target.chmod(0o400)
    inspect(target, alone=True, full=True)
    assert target.read_bytes() == before
    assert [each.name for each in target.parent.iterdir()] == ["copy.db"]


def test_a_database_in_use_is_looked_at_beside_its_users(database: Path) -> None:
    with closing(sqlite3.connect(database)) as user:
        user.execute("BEGIN IMMEDIATE")
        user.execute("CREATE TABLE more (n)")
        assert inspect(database, alone=False, full=False).current
    assert not database.with_name("vmuster.db-wal").exists()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("PRAGMA application_id = 1", "is not a database of vmuster"),
        ("UPDATE alembic_version SET version_num = '9999'", "is newer than this vmuster"),
    ],
)
def test_what_is_not_ours_or_newer_is_told(database: Path, statement: str, why: str) -> None:
    run(database, statement)
    with pytest.raises(Corrupt, match=why):
        inspect(database, alone=False, full=False)


def test_an_older_schema_is_not_current(tmp_path: Path) -> None:
    found = inspect(first_database(tmp_path / "a.db"), alone=False, full=True)
    assert (found.revision, found.current) == ("0001", False)


def test_damage_is_told_and_so_is_what_is_not_there(database: Path, tmp_path: Path) -> None:
    content = bytearray(database.read_bytes())
    content[8192:16384] = b"\xff" * 8192
    database.write_bytes(content)
    with pytest.raises(Corrupt, match="damaged"):
        inspect(database, alone=True, full=False)
    other = tmp_path / "other"
    other.write_bytes(b"no database" * 100)
    with pytest.raises(Corrupt, match="damaged"):
        inspect(other, alone=True, full=False)
    with pytest.raises(Unavailable, match="there is no database"):
        inspect(tmp_path / "nowhere", alone=True, full=False)


@pytest.mark.anyio
async def test_a_store_that_reads_can_not_write(database: Path) -> None:
    store = open_to_read(database, alone=False)
    assert await store.get(Fleet) is None
    with pytest.raises(Unavailable, match="readonly"):
        await store.commit([inserted(api_key())])
    await store.close()


@pytest.mark.anyio
async def test_text_that_is_none_hides_no_row_but_its_own(database: Path) -> None:
    store = open_sqlite(database)
    await store.commit([inserted(api_key(name="good")), inserted(api_key(name="bad"))])
    await store.close()
    run(database, "UPDATE api_key SET digest = CAST(x'ff' AS TEXT) WHERE name = 'bad'")
    reading = open_to_read(database, alone=False)
    assert [each.name for each in await reading.find(ApiKey, readable=True)] == ["good"]
    await reading.close()
