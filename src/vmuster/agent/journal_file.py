"""The agent's journal in a file: appended and fsynced, replaced as a whole."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path


class JournalFile:
    """Implements `agent.journal.Pages` in one file; its folder is made where there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def read(self) -> bytes:
        """Everything that was written."""
        return self._path.read_bytes() if self._path.exists() else b""

    def append(self, line: bytes) -> None:
        """Add a line, whole or not at all: half a line would spoil the one after it."""
        with self._path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise

    def cut(self, size: int) -> None:
        """Drop all but the first `size` bytes."""
        with self._path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """Put these lines in the place of the file."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        _write(fresh, b"".join(lines))
        fresh.replace(self._path)

    def set_aside(self, data: bytes) -> str:
        """Keep damaged data beside the file, as `.damaged`; the latest such."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        _write(aside, data)
        return str(aside)


def _write(path: Path, data: bytes) -> None:
    """Write a file anew. Durable when this returns."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
