"""Every index is held against its table: at the door, or once a server is at work (F62)."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.behind import run
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.stores.sql import wholeness
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.wholeness import LateLook, leave


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database whose server looked at every index, and is at work or was killed."""
    path = tmp_path / "a.db"
    prepare(path)
    return path


def lose_a_row(path: Path) -> None:
    """Leave an index without a row that its table has; every page is sound."""
    run(
        path,
        "INSERT INTO api_key (name, digest, created_at, version) VALUES ('a', 'x', 1.0, 1)",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = sql || ' WHERE version > 1'"
        " WHERE name = 'ix_api_key_digest'",
    )


def break_a_page(path: Path) -> None:
    """Overwrite the middle of the file."""
    run(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(byte ^ 0x5A for byte in content[4096:])
    path.write_bytes(content)


def test_after_an_end_in_good_order_it_is_looked_at_later(path: Path) -> None:
    leave(path)
    lose_a_row(path)
    prepare(path)
    with pytest.raises(Corrupt, match="damaged") as caught:
        LateLook(path).take()
    assert "ix_api_key_digest" in caught.value.message
    assert "backup" in caught.value.hint


def test_pages_are_looked_at_whatever_the_end(path: Path) -> None:
    leave(path)
    break_a_page(path)
    with pytest.raises(Corrupt, match="damaged"):
        prepare(path)


def found_damage(path: Path) -> None:
    with pytest.raises(Corrupt):
        LateLook(path).take()
    leave(path)


def killed(path: Path) -> None:
    LateLook(path).take()


def ended_before_it_looked(path: Path) -> None:
    leave(path)


@pytest.mark.parametrize("life", [found_damage, killed, ended_before_it_looked])
def test_after_any_other_life_it_is_looked_at_at_the_door(
    path: Path, life: Callable[[Path], None]
) -> None:
    leave(path)
    if life is found_damage:
        lose_a_row(path)
        prepare(path)
        life(path)
    else:
        prepare(path)
        life(path)
        lose_a_row(path)
    with pytest.raises(Corrupt, match="damaged"):
        prepare(path)


def test_a_late_look_that_finds_nothing_counts(path: Path) -> None:
    leave(path)
    prepare(path)
    LateLook(path).take()
    leave(path)
    lose_a_row(path)
    prepare(path)


def test_what_was_looked_at_at_the_door_is_not_looked_at_again(path: Path) -> None:
    lose_a_row(path)
    LateLook(path).take()


def test_a_look_that_is_stopped_says_nothing(path: Path) -> None:
    leave(path)
    prepare(path)
    lose_a_row(path)
    look = LateLook(path)
    look.stop()
    look.take()
    found_damage(path)


def test_a_look_that_is_stopped_on_its_way_says_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(path)
    prepare(path)
    look, steps = LateLook(path), list[int]()

    def stop_at_the_tenth() -> int:
        steps.append(1)
        if len(steps) == 10:
            look.stop()
        return 0

    opened = wholeness._opened  # pyright: ignore[reportPrivateUsage]

    @contextmanager
    def stopping(path: Path) -> Generator[sqlite3.Connection]:
        with opened(path) as connection:
            connection.set_progress_handler(stop_at_the_tenth, 1)
            yield connection

    monkeypatch.setattr(wholeness, "_opened", stopping)
    look.take()
    monkeypatch.undo()
    assert len(steps) >= 10
    lose_a_row(path)
    found_damage(path)


def test_a_database_that_is_being_written_is_looked_at_another_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wholeness, "_WAIT_SECONDS", 0.05)
    leave(path)
    prepare(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            LateLook(path).take()
        other.execute("ROLLBACK")
    LateLook(path).take()
