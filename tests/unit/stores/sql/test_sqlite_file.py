"""A file is made for us alone, and refused where it is damaged, another's or newer (F62)."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.behind import asked, run
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.stores.sql import sqlite_file
from vmuster.stores.sql.sqlite_file import APPLICATION_ID, prepare


def test_folder_and_file_are_for_us_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        prepare(tmp_path / "data" / "vmuster.db")
    finally:
        os.umask(before)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "vmuster.db").stat().st_mode & 0o777 == 0o600


def test_a_new_file_is_claimed_made_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    assert asked(path, "PRAGMA application_id") == APPLICATION_ID
    assert asked(path, "SELECT version_num FROM alembic_version") == "0004"
    assert asked(path, "PRAGMA journal_mode") == "wal"


def test_a_second_time_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    schema = asked(path, "SELECT group_concat(sql) FROM sqlite_master")
    prepare(path)
    assert asked(path, "SELECT group_concat(sql) FROM sqlite_master") == schema


@pytest.mark.parametrize("content", [b"not a database, but long enough " * 64, b"\xff" * 5000])
def test_garbage_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(Corrupt) as caught:
        prepare(path)
    assert caught.value.hint
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    run(path, "CREATE TABLE theirs (x)")
    content = path.read_bytes()
    with pytest.raises(Corrupt, match="not a database of vmuster"):
        prepare(path)
    assert path.read_bytes() == content
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.db"]


def test_a_newer_schema_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Corrupt, match=r"9999.*newer") as caught:
        prepare(path)
    assert "upgrade vmuster" in caught.value.hint


def test_a_damaged_page_is_noticed_at_the_door(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    run(path, "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE")
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(byte ^ 0x5A for byte in content[4096:])
    path.write_bytes(content)
    with pytest.raises(Corrupt, match="damaged"):
        prepare(path)


def test_an_index_that_misses_a_row_is_noticed_at_the_door(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    run(
        path,
        "INSERT INTO api_key (name, digest, created_at, version) VALUES ('a', 'x', 1.0, 1)",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = sql || ' WHERE version > 1'"
        " WHERE name = 'ix_api_key_digest'",
    )
    with pytest.raises(Corrupt, match="damaged"):
        prepare(path)


@pytest.mark.parametrize("loss", ["DROP TABLE vm", "DROP TABLE alembic_version"])
def test_a_schema_that_was_cut_by_hand_is_refused_in_words(tmp_path: Path, loss: str) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    run(path, loss)
    with pytest.raises(Corrupt) as caught:
        prepare(path)
    assert "backup" in caught.value.hint


def test_a_database_that_changes_what_is_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    run(path, "CREATE TRIGGER x AFTER INSERT ON journal BEGIN DELETE FROM journal; END")
    with pytest.raises(Corrupt, match="triggers that are not vmuster's: x"):
        prepare(path)
    run(path, "DROP TRIGGER x")
    prepare(path)


def test_a_folder_that_can_not_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="can't be made"):
        prepare(tmp_path / "file" / "a.db")


def test_a_path_that_is_a_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        prepare(tmp_path)


def test_who_comes_while_another_prepares_waits_its_time_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    prepare(path)
    monkeypatch.setattr(sqlite_file, "_TURN_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"):
            prepare(path)
        other.execute("ROLLBACK")
    prepare(path)


def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"

    def half(connection: object) -> None:
        real(connection)  # pyright: ignore[reportArgumentType]
        raise ZeroDivisionError

    real = sqlite_file.migrate
    monkeypatch.setattr(sqlite_file, "migrate", half)
    with pytest.raises(ZeroDivisionError):
        prepare(path)
    assert asked(path, "SELECT count(*) FROM sqlite_master") == 0
    assert asked(path, "PRAGMA application_id") == 0
