"""What was asked, written down by the askers themselves: JSON lines, on disk when it counts.

A request is written down before it leaves and again when it was answered, so the file knows of
every request that may have had an effect, and of every answer that was given.
"""

import os
import time
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import msgspec


class Said(StrEnum):
    """What a line of the history says of a request."""

    ASKED = "asked"
    """It is about to be sent; again, where the same request is repeated."""
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    SILENCE = "silence"
    """No answer came: it may have been taken in, or not."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `at`: wall-clock epoch seconds; `operation`: the id that was acknowledged."""

    at: float
    said: Said
    key: str
    vm: str
    kind: str
    force: bool = False
    operation: str = ""
    detail: str = ""


class History:
    """The file, shared by threads. `write` returns when the line is on disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._turn = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, said: Said, request: Line, *, operation: str = "", detail: str = "") -> None:
        """Add what happened to `request` now."""
        line = msgspec.structs.replace(
            request, at=time.time(), said=said, operation=operation, detail=detail
        )
        with self._turn:
            _ = self._file.write(msgspec.json.encode(line) + b"\n")
            os.fsync(self._file.fileno())


def read_lines(path: Path) -> list[Line]:
    """Every line of a history file, oldest first."""
    return [msgspec.json.decode(line, type=Line) for line in path.read_bytes().splitlines()]
