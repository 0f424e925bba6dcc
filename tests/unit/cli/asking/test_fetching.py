"""A recording is fetched part by part, and what can't be had of it is said."""

import gzip
import zlib
from pathlib import Path
from typing import Any, cast

import pytest

from tests import worlds
from tests.recorded import lines_of, pass_over
from vmuster.cli.asking.fetching import fetched
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client
from vmuster.replay.recordings import read_passes

PASSES = [pass_over(worlds.owned()), pass_over(worlds.owned_stopped())]
WHOLE = gzip.compress(lines_of(PASSES))


class Server:
    """Gives these segments; a number: a refusal with that status."""

    def __init__(self, *segments: bytes | int) -> None:
        self._segments = segments

    def recording(self) -> dict[str, Any]:
        return {"segments": [{"number": n, "size": 1} for n in range(len(self._segments))]}

    def recording_segment(self, number: int) -> bytes:
        data = self._segments[number]
        if isinstance(data, int):
            raise ClientError("refused", status=data)
        return data


def fetch(file: Path, *segments: bytes | int) -> dict[str, Any]:
    return fetched(cast("Client", Server(*segments)), file)


def torn() -> bytes:
    """A segment whose last line is not whole."""
    pressed = zlib.compressobj(wbits=31)
    return pressed.compress(lines_of(PASSES)[:-5]) + pressed.flush(zlib.Z_SYNC_FLUSH)


def test_segments_become_one_file(tmp_path: Path) -> None:
    file = tmp_path / "it.gz"
    got = fetch(file, WHOLE, WHOLE)
    assert (got["passes"], got["trouble"], got["size"]) == (4, [], file.stat().st_size)
    assert list(read_passes(file)) == PASSES * 2
    assert file.stat().st_mode & 0o077 == 0


def test_torn_ends_are_left_out_and_nothing_is_lost_after_them(tmp_path: Path) -> None:
    file = tmp_path / "it.gz"
    assert fetch(file, torn(), WHOLE)["passes"] == 3
    assert list(read_passes(file)) == [PASSES[0], *PASSES]
    assert gzip.decompress(file.read_bytes()).endswith(b"\n")


def test_what_was_dropped_meanwhile_or_is_damaged_is_said(tmp_path: Path) -> None:
    file, damaged = tmp_path / "it.gz", WHOLE[:40] + b"\xff" * 20 + WHOLE[60:]
    got = fetch(file, 404, damaged, WHOLE)
    assert [line[:9] for line in got["trouble"]] == ["segment 0", "segment 1"]
    assert "dropped" in got["trouble"][0]
    assert "damaged" in got["trouble"][1]
    assert list(read_passes(file)) == PASSES


def test_a_refusal_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "it.gz"
    with pytest.raises(ClientError):
        fetch(file, WHOLE, 403)
    assert not file.exists()
