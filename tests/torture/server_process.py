"""A `vmuster serve` that may be killed at any moment, and started again at once.

Most starts are forks of a process that has loaded the code before: loading it takes ten times as
long as all the rest of a start, and is the least of a server's life. Every tenth start is a whole
one, by the command that a person types.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PATIENCE_SECONDS: Final = 60.0
_WHOLE_START_EVERY: Final = 10
_CODE: Final = ["vmuster.wiring.serving.serve", "vmuster.cli.main", "tests.torture.server_process"]


class ServerProcess:
    """The server over a state folder, one life after the other."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._log = state / "server.log"
        self._port = _free_port()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_CODE)
        self._starts = 0
        self._spawned = 0.0
        self._pid = 0
        self._has_ended: Callable[[float], bool] = lambda _: True

    def spawn(self) -> None:
        """Start it, and wait for nothing."""
        words = ["serve", "--state-dir", str(self.state), "--port", str(self._port)]
        words.append("--allow-loopback-hosts")
        self._spawned = time.monotonic()
        if self._starts % _WHOLE_START_EVERY == 0:
            self._start_whole(words)
        else:
            self._fork(words)
        self._starts += 1

    def _start_whole(self, words: list[str]) -> None:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "vmuster.cli", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def has_ended(seconds: float) -> bool:
            try:
                _ = process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            return True

        self._pid, self._has_ended = process.pid, has_ended

    def _fork(self, words: list[str]) -> None:
        process = self._context.Process(target=_serve, args=(words, self._log))
        process.start()

        def has_ended(seconds: float) -> bool:
            process.join(seconds)
            return process.exitcode is not None

        self._pid, self._has_ended = process.pid or 0, has_ended

    def until_it_answers(self) -> float:
        """Wait until it listens; the seconds from its start, as far as they were waited for.

        Raises `RuntimeError` where it ends before, or never does.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if self._has_ended(0) or time.monotonic() > deadline:
                raise RuntimeError(f"the server does not listen:\n{self.tail()}")
            time.sleep(0.02)
        return time.monotonic() - self._spawned

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def tail(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""

    def _end(self, by: signal.Signals) -> None:
        if self._pid and not self._has_ended(0):
            os.kill(self._pid, by)
            if not self._has_ended(20):
                os.kill(self._pid, signal.SIGKILL)
                _ = self._has_ended(20)
        self._pid = 0

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True


def _serve(words: list[str], log: Path) -> None:
    """What a forked server does: exactly what the command does."""
    os.setsid()
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        _ = os.dup2(descriptor, stream)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    from vmuster.cli.main import main

    sys.argv = ["vmuster", *words]
    main()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
