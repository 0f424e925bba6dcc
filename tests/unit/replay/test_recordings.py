"""A recording is read from wherever it lies, as far as it is whole, and no further."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import worlds
from tests.recorded import lines_of, pass_over, recording
from vmuster.model.errors import Corrupt, NotFound, Refused
from vmuster.replay import recordings
from vmuster.replay.recordings import read_passes, whole_lines

PASSES = [pass_over(worlds.owned()), pass_over(worlds.owned_stopped()), pass_over(worlds.moved())]
LINES = lines_of(PASSES)


def flushed(data: bytes) -> bytes:
    """Compressed, as far as a server has got that writes on."""
    pressed = zlib.compressobj(wbits=31)
    return pressed.compress(data) + pressed.flush(zlib.Z_SYNC_FLUSH)


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "compressed": gzip.compress,
    "being written": flushed,
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_read_in_each_form(tmp_path: Path, form: str) -> None:
    file = tmp_path / "it"
    file.write_bytes(FORMS[form](LINES))
    assert list(read_passes(file)) == PASSES


@pytest.mark.parametrize("form", FORMS)
def test_a_torn_last_line_is_read_over(tmp_path: Path, form: str) -> None:
    file = tmp_path / "it"
    file.write_bytes(FORMS[form](LINES[:-20]))
    assert list(read_passes(file)) == PASSES[:-1]


def test_a_compressed_file_that_was_cut_anywhere_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file, whole = tmp_path / "it", gzip.compress(LINES)
    for length in range(120, len(whole), 7):
        file.write_bytes(whole[:length])
        found = list(read_passes(file))
        assert found == PASSES[: len(found)]


@pytest.mark.parametrize(
    "data",
    [b"", gzip.compress(b""), LINES[:20], gzip.compress(LINES)[:20]],
    ids=["empty", "empty and compressed", "cut", "cut and compressed"],
)
def test_a_file_in_which_nothing_is_whole_is_no_recording(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "it"
    file.write_bytes(data)
    with pytest.raises(Corrupt, match="there is no recording in it"):
        list(read_passes(file))


def test_segments_one_after_the_other_are_one_recording(tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(gzip.compress(LINES) + gzip.compress(LINES))
    assert list(read_passes(file)) == PASSES * 2


def test_a_folder_is_read_segment_by_segment(tmp_path: Path) -> None:
    recording(tmp_path / "000002.jsonl.gz", PASSES[1:])
    recording(tmp_path / "000001.jsonl.gz", PASSES[:1])
    (tmp_path / "recording.json").write_text("{}")
    assert list(read_passes(tmp_path)) == PASSES


def test_in_a_folder_a_damaged_segment_is_named(tmp_path: Path) -> None:
    recording(tmp_path / "000001.jsonl.gz", PASSES[:1])
    (tmp_path / "000002.jsonl.gz").write_bytes(gzip.compress(b"nonsense\n"))
    with pytest.raises(Corrupt, match=r"^000002\.jsonl\.gz: line 1: "):
        list(read_passes(tmp_path))


def test_in_a_folder_each_segment_may_be_torn(tmp_path: Path) -> None:
    (tmp_path / "000001.jsonl.gz").write_bytes(flushed(LINES)[:-9])
    recording(tmp_path / "000002.jsonl.gz", PASSES[:1])
    assert list(read_passes(tmp_path))[-1] == PASSES[0]


def test_an_empty_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no segment"):
        list(read_passes(tmp_path))


def test_what_is_recorded_is_said_as_it_comes(tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(LINES.replace(b'"line":"changes"', b'"line":"nonsense"'))
    found = read_passes(file)
    assert next(found) == PASSES[0]
    with pytest.raises(Corrupt, match="line 3: that is no line of a recording"):
        next(found)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"nonsense\n", "line 1: that is no line"),
        (LINES.replace(b'"version":1', b'"version":9'), "line 1: it is a recording of version 9"),
        (LINES.split(b"\n", 1)[1], "line 1: it does not begin"),
        (b"\n" + LINES, "line 1: that is no line"),
    ],
)
def test_what_is_none_of_ours_is_an_error(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "it"
    file.write_bytes(data)
    with pytest.raises((Corrupt, Refused), match=words):
        list(read_passes(file))


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    file, whole = tmp_path / "it", gzip.compress(LINES)
    file.write_bytes(whole[:40] + b"\xff" * 20 + whole[60:])
    with pytest.raises(Corrupt, match="damaged") as error:
        list(read_passes(file))
    assert error.value.hint


def test_a_line_without_end_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LINE_BYTES_MAX", 1000)
    bomb = gzip.compress(b"x\n" + b" " * 1_000_000)
    with pytest.raises(Corrupt, match="line 2: it is longer than 1000 bytes"):
        list(whole_lines(io.BytesIO(bomb)))
