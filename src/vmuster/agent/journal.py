"""The agent's journal: what was begun and what came of it, and how far its server had come.

One line of JSON per fact, appended and fsynced. A command is written down before the deed: one that
was begun and never ended has an unknown outcome, and after a crash it is answered as such and never
carried out a second time (L3). That a guest is asked to shut down is written down a moment before
it is, for it may obey long after its agent has stopped, and no request asks it twice; and once more
when it was, with the process that it runs in: only there may it be ended by force after its grace,
by whichever agent. The highest epoch and intake number that this agent has been told, and the
commands that it began last, betray a server whose database is older than it was. A journal that was
lost, or is an older one itself, knows of less, and accuses nobody.

A line that can't be read costs that line and not the host: the file is set aside for a person, and
the rest is known still. The command of such a line is new to the journal, and is not carried out
all the same: it is of the connection before, so the guard refuses it by its epoch (and its age),
and told as one of which nobody knows what came of it in that.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Final, Protocol

import msgspec
import structlog

from vmuster.model.commands import GUEST_WAS_ASKED, CommandResult, StopVm
from vmuster.model.ids import CommandId, HostId, OperationId
from vmuster.model.messages import COMMANDS_NAMED_MAX
from vmuster.model.states import CommandOutcome

_KEPT_MAX: Final = 5_000
"""Commands remembered; a command comes again within minutes or never."""

_log = structlog.get_logger("vmuster.agent")


class _Begun(msgspec.Struct, frozen=True, kw_only=True, tag="begun"):
    command: CommandId


class _Asked(msgspec.Struct, frozen=True, kw_only=True, tag="asked"):
    """`process`: None before it is asked; empty where nobody can tell which it runs in."""

    command: CommandId
    operation: OperationId
    process: str | None


class _Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    result: CommandResult


class _Heard(msgspec.Struct, frozen=True, kw_only=True, tag="heard"):
    epoch: int
    intake: int


_Fact = _Begun | _Asked | _Ended | _Heard
_decoder: msgspec.json.Decoder[_Fact] = msgspec.json.Decoder(_Fact)


class Pages(Protocol):
    """Where a journal is kept. What is written is durable when a method returns; each of them is
    done whole or not at all, and raises `OSError` where it can't be."""

    def read(self) -> bytes:
        """Everything that was written; its last line may be torn."""
        ...

    def append(self, line: bytes) -> None:
        """Add a line."""
        ...

    def cut(self, size: int) -> None:
        """Drop all but the first `size` bytes."""
        ...

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """Put these lines in the place of all."""
        ...

    def set_aside(self, data: bytes) -> str:
        """Keep damaged data elsewhere, for a person; says where."""
        ...


class Journal:
    """One host's journal. Writing blocks for an fsync: not on the event loop."""

    def __init__(self, pages: Pages, host: HostId) -> None:
        """Read what there is; a torn last line (a crash while writing) is dropped.

        What has any other damage is set aside, and what is known of it is written anew.
        """
        self._pages = pages
        self._host = host
        self._known: dict[CommandId, CommandResult | None] = {}
        self._asked: dict[OperationId, _Asked] = {}
        """By which command the guest of a request was asked to shut down, and in which process.
        Where a command ended and nobody knows whether it asked, the next one of its request may."""
        self._lines = 0
        self.epoch = 0
        """The highest epoch that the agent has been told."""
        self.intake = 0
        """The highest intake number that it has been told, as far as that was written down."""
        self._turn = Lock()
        self._read(pages.read())
        self._compact()

    @property
    def begun(self) -> tuple[CommandId, ...]:
        """The commands that were begun last, a few; the latest is the last."""
        return tuple(self._known)[-COMMANDS_NAMED_MAX:]

    def answer(self, command: CommandId) -> CommandResult | None:
        """What is known of a command that came before; None for a new one."""
        if command not in self._known:
            return None
        if (ended := self._known[command]) is not None:
            return ended
        asked = any(each.command == command for each in self._asked.values())
        before = GUEST_WAS_ASKED if asked else ""
        return CommandResult(
            command=command,
            host=self._host,
            outcome=CommandOutcome.FAILED,
            message=f"{before}begun before the agent stopped; its outcome is unknown",
            unknown=True,
        )

    def begin(self, command: CommandId) -> None:
        """Write down that `command` is about to be carried out. Durable when this returns.

        Raises `OSError` where it can't be written; then it is not to be carried out.
        """
        with self._turn:
            self._append(_Begun(command=command))
            self._known[command] = None

    def asked(self, operation: OperationId) -> str | None:
        """The process (`Witness.process`) whose guest was asked to shut down for `operation`; empty
        where nobody can tell which, or whether it was; None where none was asked."""
        asked = self._asked.get(operation)
        return None if asked is None else asked.process or ""

    def ask(self, command: StopVm, process: str | None = None) -> None:
        """Write down that a guest is about to be asked to shut down, as `command`, which was begun,
        wants it; once it was, that the one in `process` was. Durable when this returns.

        Raises `OSError` where it can't be written; then it is not to be asked.
        """
        asked = _Asked(command=command.id, operation=command.operation, process=process)
        with self._turn:
            self._append(asked)
            self._asked[command.operation] = asked

    def end(self, result: CommandResult) -> None:
        """Write down what came of it. Durable when this returns.

        Raises `OSError` where it can't be written: known till the agent ends, and unknown after.
        """
        with self._turn:
            self._take_end(result)
            self._append(_Ended(result=result))
            self._compact()

    def hear(self, epoch: int, intake: int) -> None:
        """Write down what the server told, if it is news. Durable when this returns.

        Raises `OSError` where it can't be written.
        """
        with self._turn:
            if epoch > self.epoch or intake > self.intake:
                self._append(_Heard(epoch=epoch, intake=intake))
                self._raise(epoch, intake)
                self._compact()

    def _take_end(self, result: CommandResult) -> None:
        """It is known what came of a command; where that does not say whether it asked its guest,
        nothing does."""
        self._known[result.command] = result
        for operation, asked in tuple(self._asked.items()):
            if (asked.command, asked.process) == (result.command, None):
                del self._asked[operation]

    def _raise(self, epoch: int, intake: int) -> None:
        self.epoch, self.intake = max(self.epoch, epoch), max(self.intake, intake)

    def _append(self, fact: _Fact) -> None:
        self._pages.append(_line(fact))
        self._lines += 1

    def _read(self, data: bytes) -> None:
        whole, _, torn = data.rpartition(b"\n")
        lines = whole.split(b"\n") if whole else []
        facts = [fact for line in lines if (fact := _fact(line)) is not None]
        for fact in facts:
            match fact:
                case _Begun(command=command):
                    self._known.setdefault(command, None)
                case _Asked(command=command, operation=operation):
                    self._known.setdefault(command, None)
                    self._asked[operation] = fact
                case _Ended(result=result):
                    self._take_end(result)
                case _Heard(epoch=epoch, intake=intake):
                    self._raise(epoch, intake)
        self._lines = len(facts)
        if len(facts) < len(lines):
            self._set_aside(data, len(lines) - len(facts))
        elif torn:
            self._pages.cut(len(data) - len(torn))

    def _set_aside(self, data: bytes, bad_lines: int) -> None:
        """Keep the damaged journal elsewhere, and write what is known anew."""
        kept_as = self._pages.set_aside(data)
        _log.warning("the journal is damaged", kept_as=kept_as, bad_lines=bad_lines)
        self._rewrite()

    def _compact(self) -> None:
        """Forget the oldest commands once there are twice as many lines as commands to keep."""
        if self._lines <= 2 * _KEPT_MAX:
            return
        self._known = dict(list(self._known.items())[-_KEPT_MAX:])
        self._asked = {o: asked for o, asked in self._asked.items() if asked.command in self._known}
        self._rewrite()

    def _rewrite(self) -> None:
        """Put what is known in the place of all."""
        facts: list[_Fact] = [_Heard(epoch=self.epoch, intake=self.intake)]
        facts += [_Ended(result=r) if r else _Begun(command=c) for c, r in self._known.items()]
        facts += self._asked.values()
        self._pages.rewrite([_line(fact) for fact in facts])
        self._lines = len(facts)


def _line(fact: _Fact) -> bytes:
    return msgspec.json.encode(fact) + b"\n"


def _fact(line: bytes) -> _Fact | None:
    """What a line says; None where it can't be read."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
