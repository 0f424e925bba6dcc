"""The witness of a host over ssh: one fixed command over there, asked over one line that is kept.

To log in takes a second, and each login is a line in somebody's log; so the command stays and
answers one question after another. A question that is not answered in time ends the line, and the
next one begins a new one. When this process ends, so does the command: its input is closed.
"""

import shlex
import threading
from collections.abc import Callable, Sequence
from typing import Final

from vmuster.drivers.ssh.calls import Call
from vmuster.drivers.ssh.table import COMMAND, LOOK, Scope, Table, read_table
from vmuster.model.ids import VmUuid
from vmuster.ports.driver import DriverError

ANSWER_SECONDS: Final = 10.0
"""The longest that an answer is waited for, a new login included."""
_ANSWER_BYTES_MAX: Final = 1 << 22
"""An account of fifty thousand VMs."""
_ALIVE: Final = "alive"

REMOTE: Final = f"/bin/sh -c {shlex.quote(COMMAND)}"
"""What is run over there: the same for every host."""


class SshWitness:
    """`command_line` runs a program over there (`folder.command_line`); it is given `REMOTE`.
    `line`: the name under which the driver's own line is seen over there (`folder.lay_out`).
    `new_word`: a word that nobody over there can guess, for each question another."""

    def __init__(
        self,
        command_line: Sequence[str],
        scope: Scope,
        line: str,
        new_word: Callable[[], str],
        *,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._command_line = [*command_line, REMOTE]
        self._scope: Scope = scope
        self._host_line = line
        self._new_word = new_word
        self.answer_seconds: float = seconds
        self._line: Call | None = None
        self._turn = threading.Lock()
        self._closed = False

    def holds(self, vm: VmUuid) -> bool | None:
        """Whether a process has the arguments `-uuid <vm>`; None where there is no way to tell."""
        table = self._look()
        if vm in table.held:
            return True
        return False if table.whole else None

    def held(self) -> frozenset[VmUuid] | None:
        """The uuids of all such processes; None where there is no way to tell of every VM."""
        table = self._look()
        return table.held if table.whole else None

    def process(self, vm: VmUuid) -> str:
        """Nobody over there says which process it is."""
        del vm
        return ""

    def strange(self) -> frozenset[VmUuid]:
        """Nobody over there says whose a process is."""
        return frozenset()

    def alive(self) -> bool | None:
        """Whether the command answered: its host lives, whatever its hypervisor does."""
        try:
            _ = self._ask(_ALIVE)
        except DriverError:
            return False
        return True

    def close(self) -> None:
        """End the command over there, and answer no more; a question under way ends at once."""
        self._closed = True
        line = self._line
        if line is not None:
            line.kill()
        with self._turn:
            self._hang_up()

    def _look(self) -> Table:
        try:
            return read_table(self._ask(f"{LOOK} {self._host_line}"), self._scope, self._host_line)
        except DriverError:
            return Table(held=frozenset(), whole=False)

    def _ask(self, what: str) -> bytes:
        """The answer to one question, on the line that is there or else on a new one."""
        if not self._turn.acquire(timeout=self.answer_seconds):
            raise DriverError("busy with another question")
        try:
            line, word = self._present(), self._new_word()
            end = f"\n{word}\n".encode("ascii")
            line.say(f"{word} {what}\n".encode("ascii"))
            answer = line.hear(seconds=self.answer_seconds, bytes_max=_ANSWER_BYTES_MAX, end=end)
            return answer.removesuffix(end)
        except DriverError:
            self._hang_up()
            raise
        finally:
            self._turn.release()

    def _present(self) -> Call:
        if self._closed:
            raise DriverError("nobody is asked any more")
        if self._line is None or not self._line.running:
            self._hang_up()
            self._line = Call(self._command_line)
        return self._line

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.end()


class NoWitness:
    """The witness of a host that shows us nothing but its hypervisor: it can never tell."""

    answer_seconds: float = 1.0

    def holds(self, vm: VmUuid) -> bool | None:
        """No way to tell."""
        del vm

    def held(self) -> frozenset[VmUuid] | None:
        """No way to tell."""

    def process(self, vm: VmUuid) -> str:
        """No way to tell."""
        del vm
        return ""

    def strange(self) -> frozenset[VmUuid]:
        """No way to tell."""
        return frozenset()

    def alive(self) -> bool | None:
        """No way to tell."""
