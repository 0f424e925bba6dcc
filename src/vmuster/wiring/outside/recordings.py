"""A recording in the state folder: segments of compressed JSON lines, and a note about the whole.

A segment is never touched again once another is begun, also by a start of the server: what a crash
left torn stays so, and whoever reads it reads over its torn end. Nothing waits for the disk to be
sure of anything: a recording is worth less than a pass.
"""

import threading
import zlib
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from vmuster.reconcile.passed import Passed
from vmuster.replay.codec import Encoder
from vmuster.replay.recordings import SEGMENTS
from vmuster.server.passes.recording import Recording, Segment
from vmuster.wiring.secrets.secret_files import write_secret

_log = structlog.get_logger("vmuster.recording")
NOTE: Final = "recording.json"
PARTS: Final = 16
"""So many segments make a whole recording: of that much is dropped at a time."""
SEGMENT_BYTES_MAX: Final = 4 * 1024 * 1024
"""One that is fetched is an answer of this length, about."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class RecordingFolder:
    """Implements `server.passes.recording.RecordingPlace` in `folder`, which is made when it is
    needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: OpenSegment | None = None
        self._recording = self._found()

    @property
    def recording(self) -> Recording:
        """As `RecordingPlace.recording`."""
        return self._recording

    def begin(self, recording: Recording) -> None:
        """As `RecordingPlace.begin`."""
        with self._lock:
            self._clear()
            try:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                self._note(recording)
                self._open = OpenSegment(self._path(1))
            except OSError:
                self._clear()
                raise
            self._recording = self._with_segments(recording)

    def write(self, passes: Sequence[Passed]) -> None:
        """As `RecordingPlace.write`. Raises `OSError`, and `ValueError` where a pass holds what no
        JSON can."""
        with self._lock:
            if self._recording.stopped or not self._recording.started_at:
                return  # it ended while these were on their way
            if self._open is None:
                self._open = OpenSegment(self._path(self._next()))
            self._open.write(passes)
            if self._open.size >= self._segment_size:
                self._open.close()
                self._open = None
            self._drop_oldest()
            written = self._recording.passes + len(passes)
            self._recording = self._with_segments(self._recording, passes=written)

    def end(self, why: str) -> None:
        """As `RecordingPlace.end`."""
        with self._lock:
            self._close()
            ended = msgspec.structs.replace(self._recording, stopped=why)
            self._recording = self._with_segments(ended)
            self._note(self._recording)

    def drop(self) -> None:
        """As `RecordingPlace.drop`."""
        with self._lock:
            self._clear()

    def segment(self, number: int) -> bytes | None:
        """As `RecordingPlace.segment`."""
        try:
            return self._path(number).read_bytes()
        except FileNotFoundError:
            return None

    @property
    def _segment_size(self) -> int:
        return min(self._recording.size_max // PARTS, SEGMENT_BYTES_MAX)

    def _found(self) -> Recording:
        """What an earlier server left; nothing, where that can't be read: no start fails for it."""
        try:
            noted = msgspec.json.decode((self._folder / NOTE).read_bytes(), type=Recording)
            return self._with_segments(noted, passes=0)
        except FileNotFoundError:
            return Recording()
        except (OSError, msgspec.MsgspecError) as error:
            _log.error("an earlier recording can't be read", why=str(error))
            return Recording()

    def _note(self, recording: Recording) -> None:
        self._recording = recording
        bare = msgspec.structs.replace(recording, size=0, segments=())
        write_secret(self._folder / NOTE, msgspec.json.encode(bare), 0o600)

    def _clear(self) -> None:
        self._close()
        self._recording = Recording()
        for path in (self._folder / NOTE, *self._folder.glob(SEGMENTS)):
            path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _drop_oldest(self) -> None:
        """Drop the oldest segments while all of them are too large; the one that is open stays."""
        *older, newest = self._segments()
        size = newest.size + sum(each.size for each in older)
        for each in older:
            if size <= self._recording.size_max:
                return
            self._path(each.number).unlink(missing_ok=True)
            size -= each.size

    def _with_segments(self, recording: Recording, *, passes: int | None = None) -> Recording:
        segments = tuple(self._segments())
        return msgspec.structs.replace(
            recording,
            segments=segments,
            size=sum(each.size for each in segments),
            passes=recording.passes if passes is None else passes,
        )

    def _segments(self) -> Iterator[Segment]:
        for path in sorted(self._folder.glob(SEGMENTS)):
            number = path.name.partition(".")[0]
            if number.isascii() and number.isdecimal():
                yield Segment(number=int(number), size=path.stat().st_size)

    def _next(self) -> int:
        return max((each.number for each in self._segments()), default=0) + 1

    def _path(self, number: int) -> Path:
        return self._folder / SEGMENTS.replace("*", f"{number:06}")


class OpenSegment:
    """The segment that is written to. What was written can be read at once."""

    def __init__(self, path: Path) -> None:
        self._encoder = Encoder(version("vmuster"))
        self._pressed = zlib.compressobj(wbits=_GZIP)
        self._file: BinaryIO = path.open("xb", buffering=0)
        self.size = 0
        path.chmod(0o600)
        self._press(self._encoder.header())

    def write(self, passes: Sequence[Passed]) -> None:
        """Write some passes down."""
        for passed in passes:
            self._press(self._encoder.line(passed))

    def close(self) -> None:
        """Write its end, where there is room for that; it can be read without."""
        try:
            self._put(self._pressed.flush(zlib.Z_FINISH))
        except OSError as error:
            _log.warning("a segment is left without its end", why=str(error))
        finally:
            self._file.close()

    def _press(self, line: bytes) -> None:
        self._put(self._pressed.compress(line))
        self._put(self._pressed.flush(zlib.Z_SYNC_FLUSH))

    def _put(self, data: bytes) -> None:
        while data:
            written = self._file.write(data) or 0
            self.size += written
            data = data[written:]
