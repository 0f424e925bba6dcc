"""A recording as bytes: read from a file or a folder of segments, plain or compressed.

A segment is compressed JSON lines (gzip); several, one after the other, are a recording. Its last
line may be torn: the server was killed, or writes on. What is whole before it is read, and it is no
error; anything else that is not as it should be is one, and says where.
"""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from vmuster.model.errors import Corrupt, NotFound, Refused
from vmuster.reconcile.passed import Passed
from vmuster.replay.codec import Decoder

SEGMENTS: Final = "*.jsonl.gz"
"""The segments in a folder, in the order of their names."""
LINE_BYTES_MAX: Final = 64 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_WITH_HEADER: Final = 16 + zlib.MAX_WBITS


def read_passes(place: Path) -> Iterator[Passed]:
    """The passes of the recording at `place`, a file or a folder, in the order in which they were
    made. Raises `NotFound`, `Refused` where it is none of ours, `Corrupt` where it is damaged; in a
    folder they name the segment."""
    files = sorted(place.glob(SEGMENTS)) if place.is_dir() else [place]
    if not files:
        raise NotFound(f"there is no segment of a recording in {place}", hint="say its file")
    decoder = Decoder()
    for file in files:
        try:
            with file.open("rb") as opened:
                yield from passes_in(whole_lines(opened), decoder)
        except (Corrupt, Refused) as error:
            where = "" if file == place else f"{file.name}: "
            raise type(error)(f"{where}{error.message}", hint=error.hint) from error
    if not decoder.begun:
        raise Corrupt("there is no recording in it", hint="take another copy of it")


def passes_in(lines: Iterable[bytes], decoder: Decoder) -> Iterator[Passed]:
    """The passes that whole lines say. Raises `Corrupt` or `Refused` with the line's number."""
    for number, line in enumerate(lines, 1):
        try:
            passed = decoder.passed(line)
        except (Corrupt, Refused) as error:
            raise type(error)(f"line {number}: {error.message}", hint=error.hint) from error
        if passed is not None:
            yield passed


def whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a segment, or of several, as far as they are whole. Raises `Corrupt`."""
    rest, number = b"", 0
    for chunk in _plain(file):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        number += len(lines)
        if len(rest) > LINE_BYTES_MAX:
            raise Corrupt(f"line {number + 1}: it is longer than {LINE_BYTES_MAX} bytes")


def _plain(file: BinaryIO) -> Iterator[bytes]:
    """The bytes that a file holds, whether it is compressed or not."""
    data = file.read(_CHUNK)
    if not data.startswith(_GZIP):
        while data:
            yield data
            data = file.read(_CHUNK)
        return
    member = zlib.decompressobj(_WITH_HEADER)
    while data:
        try:
            yield member.decompress(data, LINE_BYTES_MAX)
        except zlib.error as error:
            raise Corrupt(f"it is damaged: {error}", hint="take another copy of it") from error
        data = member.unconsumed_tail or member.unused_data
        if member.eof:
            member = zlib.decompressobj(_WITH_HEADER)
        data = data or file.read(_CHUNK)
