"""The journal's file: whole lines, or none; replaced as a whole."""

import os
from pathlib import Path

import pytest

from vmuster.agent.journal_file import JournalFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agents" / "home.journal"


def test_what_was_appended_is_read(path: Path) -> None:
    file = JournalFile(path)
    assert file.read() == b""
    file.append(b"one\n")
    file.append(b"two\n")
    assert JournalFile(path).read() == b"one\ntwo\n"


def test_a_line_that_could_not_be_written_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = JournalFile(path)
    file.append(b"one\n")

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        file.append(b"two\n")
    assert file.read() == b"one\n"


def test_a_torn_end_is_cut_off(path: Path) -> None:
    file = JournalFile(path)
    file.append(b"one\ntw")
    file.cut(4)
    file.append(b"two\n")
    assert file.read() == b"one\ntwo\n"


def test_it_is_replaced_as_a_whole_and_what_was_damaged_is_kept(path: Path) -> None:
    file = JournalFile(path)
    file.append(b"rubbish")
    kept_as = Path(file.set_aside(file.read()))
    file.rewrite([b"one\n", b"two\n"])
    assert file.read() == b"one\ntwo\n"
    assert (kept_as.read_bytes(), kept_as.name) == (b"rubbish", "home.journal.damaged")
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "home.journal",
        "home.journal.damaged",
    ]
