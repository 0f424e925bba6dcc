"""Talks with another program that are bounded: in time, and in what is read of its answers (L10).

No shell, a vector of arguments, and an environment in which nothing is obeyed (T06). A program
that does not answer in time is killed with all that it started, which is also what ends the wait
for it: nobody is left who could still write.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Collection, Sequence
from typing import Final

from vmuster.ports.driver import DriverError

_KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME")
_CHUNK_BYTES: Final = 1 << 16


class Call:
    """One program, running."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Start it. Raises `DriverError` where that is not possible."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
                env={"LC_ALL": "C", **kept},
            )
        except OSError as error:
            raise DriverError(f"{arguments[0]} can't be run: {error.strerror}") from None
        self._letting_go = threading.Lock()
        self._gone = False
        self.status: int | None = None
        """The exit status of one whose end was heard; None before, and where it was killed."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        # It stays a zombie until `end`, so that its process id can't become another's before.
        wanted = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, wanted) is None

    def say(self, text: bytes) -> None:
        """Write on its standard input. Raises `DriverError` where it no longer listens."""
        try:
            if self._process.stdin is not None:
                _ = self._process.stdin.write(text)
        except OSError:
            raise DriverError("it has ended", broken=True) from None

    def hear(self, *, seconds: float, bytes_max: int, end: bytes | None = None) -> bytes:
        """What it writes on its standard output until it ends or, where there is an `end`, until
        that was written.

        Raises `DriverError` after `seconds`, past `bytes_max`, and where it ends before `end`;
        the program is of no more use then.
        """
        late = threading.Event()

        def lose_patience() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(seconds, lose_patience)
        timer.daemon = True
        timer.start()
        try:
            content = self._read(bytes_max, end)
            if end is None:
                self._await_end()
        finally:
            timer.cancel()
        if late.is_set():
            raise DriverError(f"no answer within {seconds:g} s", broken=True)
        if end is not None and not content.endswith(end):
            raise DriverError("it ended before its answer was whole", broken=True)
        return content

    def _read(self, bytes_max: int, end: bytes | None) -> bytes:
        content = bytearray()
        if self._process.stdout is not None:
            descriptor = self._process.stdout.fileno()
            while end is None or not content.endswith(end):
                chunk = os.read(descriptor, _CHUNK_BYTES)
                if not chunk:
                    break
                content += chunk
                if len(content) > bytes_max:
                    raise DriverError(f"it wrote more than {bytes_max} bytes", broken=True)
        return bytes(content)

    def _await_end(self) -> None:
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        if ended is not None and ended.si_code == os.CLD_EXITED:
            self.status = ended.si_status

    def kill(self) -> None:
        """End it and all that it started; whoever hears it hears no more."""
        with self._letting_go:
            if not self._gone:
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it and let go of it. Nobody may be hearing it."""
        self.kill()
        with self._letting_go:
            self._gone = True
            _ = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def answer_of(
    arguments: Sequence[str],
    *,
    seconds: float,
    bytes_max: int,
    statuses: Collection[int] | None = None,
) -> bytes:
    """What a program writes until it ends. Raises as `Call` does, and where it does not end with
    one of `statuses`; None where its status says nothing."""
    call = Call(arguments)
    try:
        answer = call.hear(seconds=seconds, bytes_max=bytes_max)
        if statuses is not None and call.status not in statuses:
            raise DriverError(f"{arguments[0]} failed, with status {call.status}")
        return answer
    finally:
        call.end()
