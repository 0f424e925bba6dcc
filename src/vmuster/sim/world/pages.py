"""An agent's disk: what was written is there after a crash, and may be lost, torn or full."""

import errno
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from vmuster.agent.journal import Journal
from vmuster.model.commands import CommandResult
from vmuster.model.ids import CommandId, HostId
from vmuster.sim.world.chronicle import Chronicle


class MemoryPages:
    """Implements `agent.journal.Pages`. `full`: nothing more can be written; `older`: a copy that
    somebody has kept, None for none. `harms`: how often something was lost,
    or could not be written."""

    def __init__(self) -> None:
        self.data = b""
        self.full = False
        self.older: bytes | None = None
        self.harms = 0

    @property
    def epoch(self) -> int:
        """The highest epoch that can still be read in it."""
        return max(
            (heard.epoch for heard in map(_heard, self.data.splitlines()) if heard), default=0
        )

    def leaves_open(self, command: CommandId) -> bool:
        """Whether it says what came of a command, and not whether that asked its guest."""
        named = [line for line in self.data.splitlines() if str(command).encode() in line]
        asked = any(b'"asked"' in line and b'"process":null' not in line for line in named)
        return not asked and any(b'"ended"' in line for line in named)

    def read(self) -> bytes:
        """Everything that was written."""
        return self.data

    def append(self, line: bytes) -> None:
        """Add a line."""
        if self.full:
            self.harms += 1
            raise OSError(errno.ENOSPC, "No space left on device")  # the same on every platform
        self.data += line

    def cut(self, size: int) -> None:
        """Drop all but the first `size` bytes."""
        self.data = self.data[:size]

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """Put these lines in the place of all."""
        self.data = b"".join(lines)

    def set_aside(self, data: bytes) -> str:  # noqa: ARG002  # nobody looks at it here
        """Nobody asks for it."""
        return "elsewhere"

    def keep(self) -> None:
        """Keep a copy aside."""
        self.older = self.data

    def roll_back(self) -> None:
        """Put the copy that was kept in the place of everything, as with a restored disk."""
        if self.older is not None:
            self.harms += 1
            self.data = self.older

    def lose(self) -> None:
        """The disk is a new one."""
        self.harms += 1
        self.data = b""

    def damage(self) -> None:
        """A line in the middle can't be read any more."""
        lines = self.data.splitlines(keepends=True)
        if lines:
            self.harms += 1
            lines[(len(lines) - 1) // 2] = b"\0\n"
            self.data = b"".join(lines)

    def tear(self, count: int) -> None:
        """The last bytes are lost, as where the power went while they were written."""
        self.harms += 1
        self.data = self.data[: max(0, len(self.data) - count)]


class _Heard(msgspec.Struct, tag="heard"):
    """The line of a journal that says how far a server had come."""

    epoch: int


def _heard(line: bytes) -> _Heard | None:
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(line, type=_Heard)
    return None


class WatchedJournal(Journal):
    """The shipped journal; the chronicle is told which commands are in hand."""

    def __init__(self, pages: MemoryPages, host: HostId, name: str, chronicle: Chronicle) -> None:
        super().__init__(pages, host)
        self._name = name
        self._chronicle = chronicle

    def begin(self, command: CommandId) -> None:
        """As `Journal.begin`."""
        super().begin(command)
        self._chronicle.in_hand(self._name, command)

    def end(self, result: CommandResult) -> None:
        """As `Journal.end`."""
        super().end(result)
        self._chronicle.done_with(self._name, result.command)
