"""Notes in a state folder are read as they were written, or said to be unreadable."""

from pathlib import Path

import pytest

from vmuster.model.errors import Corrupt
from vmuster.wiring.backups.notes import (
    BACKED_UP,
    RESTORED,
    BackedUp,
    RestoredNote,
    backed_up,
    heed,
    restored,
    write_note,
)


def test_notes_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert (backed_up(tmp_path), restored(tmp_path)) == (None, None)
    first = BackedUp(at=1.0, file="a.db", size=5, anchor="1:ab")
    second = RestoredNote(at=2.0, file="a.db", aside="aside-1", quarantine=True)
    write_note(tmp_path, BACKED_UP, first)
    write_note(tmp_path, RESTORED, second)
    assert (backed_up(tmp_path), restored(tmp_path)) == (first, second)
    assert (tmp_path / BACKED_UP).stat().st_mode & 0o777 == 0o600


def test_a_note_that_was_heeded_is_gone(tmp_path: Path) -> None:
    note = RestoredNote(at=2.0, file="a.db", aside="aside-1", quarantine=True)
    write_note(tmp_path, RESTORED, note)
    heed(tmp_path)
    assert restored(tmp_path) is None
    heed(tmp_path)


def test_a_note_that_is_none_is_not_passed_over(tmp_path: Path) -> None:
    """Else a restored database might be served without its quarantine."""
    (tmp_path / RESTORED).write_text("{")
    with pytest.raises(Corrupt, match="can't be read"):
        restored(tmp_path)
