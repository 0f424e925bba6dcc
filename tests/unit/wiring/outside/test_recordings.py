"""A recording on the disk: bounded, whole after a restart, and nobody's but its owner's."""

import errno
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from tests import worlds
from tests.recorded import pass_over
from tests.worlds import copy_of
from vmuster.reconcile.passed import Passed
from vmuster.replay.recordings import read_passes
from vmuster.server.passes.recording import Recording
from vmuster.wiring.outside import recordings as module
from vmuster.wiring.outside.recordings import RecordingFolder

LONG = Recording(started_at=1.0, ends_at=9e9, size_max=1 << 20)
PASSES = [pass_over(worlds.owned()), pass_over(worlds.owned_stopped()), pass_over(worlds.moved())]


def different(count: int) -> list[Passed]:
    """Passes that have nothing in common: of each a page is written."""
    return [
        pass_over(
            copy_of(worlds.owned(), 2**100 + (7**number) % 2**90),
            host=f"host-{number}",
            at=float(number),
        )
        for number in range(count)
    ]


def begun(folder: Path, *, size_max: int = LONG.size_max) -> RecordingFolder:
    place = RecordingFolder(folder)
    place.begin(msgspec.structs.replace(LONG, size_max=size_max))
    return place


def moments(passes: Sequence[Passed]) -> list[float]:
    return [each.given.at for each in passes]


def test_what_is_written_can_be_read_at_once_and_later(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES[:1])
    assert list(read_passes(tmp_path / "it")) == PASSES[:1]
    place.write(PASSES[1:])
    assert list(read_passes(tmp_path / "it")) == PASSES
    place.end("by ann")
    assert list(read_passes(tmp_path / "it")) == PASSES
    data = place.segment(1)
    assert data is not None
    assert len(gzip.GzipFile(fileobj=io.BytesIO(data)).read().splitlines()) == 4


def test_nobody_but_its_owner_can_read_it(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES)
    for path in (tmp_path / "it", *(tmp_path / "it").iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_it_says_how_much_there_is(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES)
    size = (tmp_path / "it" / "000001.jsonl.gz").stat().st_size
    assert (place.recording.passes, place.recording.size) == (3, size)
    assert [each.number for each in place.recording.segments] == [1]


def test_the_oldest_are_dropped_beyond_the_bound(tmp_path: Path) -> None:
    bound, passes = 8_000, different(80)
    place = begun(tmp_path / "it", size_max=bound)
    for each in passes:
        place.write([each])
        on_disk = sum(path.stat().st_size for path in (tmp_path / "it").glob("*.gz"))
        assert on_disk <= bound
        assert place.recording.size == on_disk
    kept = moments(list(read_passes(tmp_path / "it")))
    assert 0 < len(kept) < len(passes)
    assert kept == moments(passes)[-len(kept) :]
    assert place.segment(1) is None


def test_a_restart_goes_on_with_it(tmp_path: Path) -> None:
    first = begun(tmp_path / "it")
    first.write(PASSES[:2])
    killed = tmp_path / "it" / "000001.jsonl.gz"
    killed.write_bytes(killed.read_bytes()[:-20])
    again = RecordingFolder(tmp_path / "it")
    assert again.recording.runs(5.0)
    assert again.recording.ends_at == LONG.ends_at
    again.write(PASSES[2:])
    assert [each.number for each in again.recording.segments] == [1, 2]
    assert list(read_passes(tmp_path / "it")) == [PASSES[0], PASSES[2]]


def test_an_end_outlives_a_restart(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.end("by ann")
    place.write(PASSES)
    again = RecordingFolder(tmp_path / "it")
    assert (again.recording.stopped, again.recording.runs(5.0)) == ("by ann", False)
    assert list(read_passes(tmp_path / "it")) == []


def test_a_new_one_drops_the_one_before(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES)
    place.begin(LONG)
    assert (place.recording.passes, place.recording.stopped) == (0, "")
    assert list(read_passes(tmp_path / "it")) == []


def test_what_is_dropped_is_gone(tmp_path: Path) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES)
    place.drop()
    assert list((tmp_path / "it").iterdir()) == []
    assert place.recording == RecordingFolder(tmp_path / "it").recording == Recording()
    place.write(PASSES)
    assert list((tmp_path / "it").iterdir()) == []


def test_without_a_recording_no_folder_is_made(tmp_path: Path) -> None:
    place = RecordingFolder(tmp_path / "it")
    place.write(PASSES)
    place.drop()
    assert place.segment(1) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("note", [b"", b"nonsense", b'{"ends_at": "noon"}'])
def test_no_start_fails_for_a_note_that_cannot_be_read(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "recording.json").write_bytes(note)
    place = RecordingFolder(tmp_path)
    assert place.recording == Recording()
    place.begin(LONG)
    place.write(PASSES)
    assert list(read_passes(tmp_path)) == PASSES


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    place = begun(tmp_path)
    place.write(PASSES)
    place.drop()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_disk_that_gets_full_is_said_and_what_was_whole_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begun(tmp_path / "it")
    place.write(PASSES[:1])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.OpenSegment, "_put", full)
    with pytest.raises(OSError, match="No space"):
        place.write(PASSES[1:])
    place.end("it can't be written")
    assert list(read_passes(tmp_path / "it")) == PASSES[:1]
    monkeypatch.undo()
    assert RecordingFolder(tmp_path / "it").recording.stopped == "it can't be written"


def test_one_that_cannot_begin_has_not_begun(tmp_path: Path) -> None:
    (tmp_path / "it").write_text("a file")
    place = RecordingFolder(tmp_path / "it")
    with pytest.raises(OSError, match="irectory"):
        place.begin(LONG)
    assert place.recording == Recording()


def test_one_whose_first_segment_has_no_room_has_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = RecordingFolder(tmp_path / "it")
    monkeypatch.setattr(module, "OpenSegment", full)
    with pytest.raises(OSError, match="No space"):
        place.begin(LONG)
    assert place.recording == Recording()
    assert list((tmp_path / "it").iterdir()) == []
