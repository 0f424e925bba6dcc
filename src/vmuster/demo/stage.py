"""The demo's stage: three session hosts, one server process, and an operator's command line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from vmuster.demo.hosts import SessionHost
from vmuster.demo.narrator import Narrator
from vmuster.wiring.settings.places import CLIENT

_PATIENCE_SECONDS: Final = 40.0
_POLL_SECONDS: Final = 0.3


class Operator:
    """Types `vmuster` commands, as a person would, against the demo's server."""

    def __init__(self, narrator: Narrator, state: Path) -> None:
        self._narrator = narrator
        self._environment = {
            **os.environ,
            "XDG_CONFIG_HOME": str(state / "config"),
            "XDG_STATE_HOME": str(state),
            "COLUMNS": "110",
        }
        self._client_file = state / CLIENT

    def types(self, *words: str, quiet: bool = False, rows: list[str] | None = None) -> str:
        """Run a command, showing it and its output; raises `RuntimeError` where it fails.

        `rows`: of a longer answer only the rows that begin so are shown.
        """
        if not quiet:
            self._narrator.command(list(words))
        done = subprocess.run(
            [sys.executable, "-m", "vmuster.cli", *words],
            env=self._environment | self.access(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"vmuster {' '.join(words)}: {done.stderr or done.stdout}")
        if not quiet:
            lines = done.stdout.splitlines()
            shown = [line for line in lines if rows is None or line.startswith(tuple(rows))]
            self._narrator.output("\n".join(shown))
        return done.stdout

    def asks(self, *words: str) -> Any:
        """The JSON answer of a command, not shown."""
        return json.loads(self.types(*words, "-o", "json", quiet=True))

    def until(self, what: str, condition: Callable[[], Any]) -> Any:
        """Wait until `condition` gives something true; raises `TimeoutError` with `what`."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                found = condition()
            except RuntimeError:
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited in vain for: {what}")
            time.sleep(_POLL_SECONDS)

    def access(self) -> dict[str, str]:
        """The environment with which anybody on this machine can ask the demo's server."""
        if not self._client_file.exists():
            return {}
        lines = dict(
            line.split(" = ", 1) for line in self._client_file.read_text().strip().splitlines()
        )
        return {
            "VMUSTER_URL": json.loads(lines["url"]),
            "VMUSTER_API_KEY": json.loads(lines["key"]),
        }


class Server:
    """The `vmuster serve` process of the demo."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where it writes its log."""
        return self._state / "server.log"

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["serve", "--state-dir", str(self._state), "--port", str(self._port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vmuster.cli", *words, "--allow-loopback-hosts"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"the server did not start:\n{tail}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would: kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(by)
        try:
            _ = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _ = self._process.wait(20)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True


@contextmanager
def served(state: Path) -> Generator[Server]:
    """A server over the state folder; stopped at the end, whatever happens."""
    server = Server(state)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def forget(host: SessionHost) -> Callable[[], None]:
    """Make a hypervisor answer with an empty list although its guests run; returns the mend.

    Its daemon loses sight of its state and its definitions, as when folders are not mounted at
    its start; putting them back mends it.
    """
    hidden = {
        host.folder / "run/libvirt": host.folder / "run.hidden",
        host.folder / "config/libvirt/qemu": host.folder / "config.hidden",
    }
    host.kill_daemon()
    for shown, away in hidden.items():
        _ = shown.rename(away)
    host.start()

    def mend() -> None:
        host.kill_daemon()
        for shown, away in hidden.items():
            _ = shown.rename(away.with_suffix(".empty"))
            _ = away.rename(shown)
        host.start()

    return mend


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
