"""Secret files: their owner's alone, whole or not there, whatever a crash left behind."""

import os
from pathlib import Path

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.secrets.secret_files import check_secret, put_in_place, spoken, write_secret


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_secret_is_readable_by_its_owner_alone(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    before = os.umask(0)
    try:
        write_secret(path, b"hidden", mode)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"hidden"
    assert path.stat().st_mode & 0o777 == mode
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_what_a_crash_left_of_an_earlier_try_is_no_hindrance(tmp_path: Path) -> None:
    left = tmp_path / ".secret.fresh"
    left.write_bytes(b"half a sec")
    left.chmod(0o400)
    write_secret(tmp_path / "secret", b"hidden", 0o400)
    assert (tmp_path / "secret").read_bytes() == b"hidden"
    assert not left.exists()


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"first", 0o400)

    def full(_descriptor: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_secret(path, b"second", 0o400)
    assert path.read_bytes() == b"first"


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    write_secret(old, b"old", 0o400)
    write_secret(new, b"new", 0o400)
    put_in_place(new, old)
    assert old.read_bytes() == b"new"
    assert not new.exists()


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402])
def test_a_secret_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"hidden", 0o400)
    check_secret(path, what="the secret", harm="it is out")
    path.chmod(mode)
    with pytest.raises(Refused, match="others") as refused:
        check_secret(path, what="the secret", harm="it is out")
    assert f"chmod 0400 {spoken(path)} in " in refused.value.hint
    assert refused.value.hint.endswith("it is out")
    assert str(path) not in str(refused.value)
