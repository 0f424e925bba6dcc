"""The agent's journal: which commands were begun, and what came of them; durable before the deed.

One line of JSON per fact, appended and fsynced. A command that was begun and never ended has an
unknown outcome: after a crash it is answered as such, and never carried out a second time (L3).
"""

import os
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from vmuster.model.commands import CommandResult
from vmuster.model.ids import CommandId, HostId
from vmuster.model.states import CommandOutcome

_KEPT_MAX: Final = 5_000
"""Commands remembered; a command comes again within minutes or never."""


class _Begun(msgspec.Struct, frozen=True, kw_only=True, tag="begun"):
    command: CommandId


class _Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    result: CommandResult


_decoder: msgspec.json.Decoder[_Begun | _Ended] = msgspec.json.Decoder(_Begun | _Ended)


class Journal:
    """One host's journal in one file. Writing blocks for an fsync: not on the event loop."""

    def __init__(self, path: Path, host: HostId) -> None:
        """Read what there is; a torn last line (a crash while writing) is dropped."""
        self._path = path
        self._host = host
        self._known: dict[CommandId, CommandResult | None] = {}
        self._lines = 0
        self._turn = Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            self._read(path.read_bytes())
        self._compact()

    def answer(self, command: CommandId) -> CommandResult | None:
        """What is known of a command that came before; None for a new one."""
        if command not in self._known:
            return None
        return self._known[command] or CommandResult(
            command=command,
            host=self._host,
            outcome=CommandOutcome.FAILED,
            message="begun before the agent stopped; its outcome is unknown",
            unknown=True,
        )

    def begin(self, command: CommandId) -> None:
        """Write down that `command` is about to be carried out. Durable when this returns."""
        with self._turn:
            self._known[command] = None
            self._append(_Begun(command=command))

    def end(self, result: CommandResult) -> None:
        """Write down what came of it. Durable when this returns."""
        with self._turn:
            self._known[result.command] = result
            self._append(_Ended(result=result))
            self._compact()

    def _append(self, fact: _Begun | _Ended) -> None:
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(fact) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines += 1

    def _read(self, data: bytes) -> None:
        whole, _, torn = data.rpartition(b"\n")
        for line in whole.splitlines():
            match _decoder.decode(line):
                case _Begun(command=command):
                    self._known.setdefault(command, None)
                case _Ended(result=result):
                    self._known[result.command] = result
            self._lines += 1
        if torn:
            with self._path.open("r+b") as file:
                file.truncate(len(data) - len(torn))
                os.fsync(file.fileno())

    def _compact(self) -> None:
        """Forget the oldest commands once there are twice as many lines as commands to keep."""
        if self._lines <= 2 * _KEPT_MAX:
            return
        self._known = dict(list(self._known.items())[-_KEPT_MAX:])
        fresh = self._path.with_suffix(".new")
        facts = [_Ended(result=r) if r else _Begun(command=c) for c, r in self._known.items()]
        with fresh.open("wb") as file:
            file.writelines(msgspec.json.encode(fact) + b"\n" for fact in facts)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._lines = len(facts)
