"""A file is there whole or not at all, for its owner alone, and in nobody's place."""

import os
from pathlib import Path

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.backups.fresh_file import fresh_file, own_as
from vmuster.wiring.secrets.secret_files import make_durable


def test_it_is_for_its_owner_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before = os.umask(0)
    try:
        with fresh_file(path) as partial:
            assert not path.exists()
            partial.write_bytes(b"whole")
            partial.with_name(f"{partial.name}-wal").write_bytes(b"")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a.db"]


def test_one_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with fresh_file(tmp_path / "a.db") as partial:
            partial.write_bytes(b"half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_is_dropped_and_not_continued(tmp_path: Path) -> None:
    for name in (".a.db.partial", ".a.db.partial-wal", ".a.db.partial-journal"):
        (tmp_path / name).write_bytes(b"half of another")
    with fresh_file(tmp_path / "a.db") as partial:
        assert partial.read_bytes() == b""
        assert [each.name for each in tmp_path.iterdir()] == [".a.db.partial"]


def test_no_file_is_overwritten_not_even_by_one_that_was_slower(tmp_path: Path) -> None:
    path = tmp_path / "a.db"

    def slow() -> None:
        with fresh_file(path) as partial:
            partial.write_bytes(b"mine")
            path.write_bytes(b"theirs")

    with pytest.raises(Refused, match="is there already"):
        slow()
    assert path.read_bytes() == b"theirs"
    with pytest.raises(Refused, match="is there already"), fresh_file(path):
        raise AssertionError
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(Refused, match="is there already"), fresh_file(path):
        raise AssertionError


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with fresh_file(path) as partial:
        partial.write_bytes(b"first")
        with pytest.raises(Refused, match="being written already"), fresh_file(path):
            raise AssertionError
        assert partial.read_bytes() == b"first"
    assert path.read_bytes() == b"first"


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no folder"), fresh_file(tmp_path / "no" / "a"):
        raise AssertionError


def test_what_root_writes_is_given_to_the_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[tuple[object, ...]]()

    def chown(path: Path, user: int, group: int) -> None:
        given.append((path, user, group))

    monkeypatch.setattr(os, "chown", chown)
    for user, count in ((1000, 0), (0, 1)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        own_as(tmp_path / "a", tmp_path)
        assert len(given) == count
    owner = tmp_path.stat()
    assert given == [(tmp_path / "a", owner.st_uid, owner.st_gid)]
    make_durable(tmp_path)
