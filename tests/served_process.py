"""`vmuster serve` as a process of its own, from its real command line."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

DEADLINE: Final = 40.0
PROGRAM: Final = [sys.executable, "-m", "vmuster.cli"]


class ServedProcess:
    """One server. `log`: its lines so far, as they are parsed."""

    def __init__(self, state: Path, *words: str, environ: Mapping[str, str] | None = None) -> None:
        self.state = state
        self.log: list[dict[str, Any]] = []
        self.raw: list[str] = []
        command = [*PROGRAM, "serve", "--state-dir", str(state), "--json-logs", *words]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})}
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.raw.append(line)
            if line.startswith("{"):
                self.log.append(json.loads(line))

    def event(self, name: str) -> dict[str, Any]:
        """The first log line of this event, once it is there."""
        return self.until(lambda: next((e for e in self.log if e["event"] == name), None))

    def until(self, found: Callable[[], Any]) -> Any:
        """What is found at last; the process must live meanwhile."""
        until = time.monotonic() + DEADLINE
        while not (value := found()):
            assert self.process.poll() is None, "".join(self.raw)
            assert time.monotonic() < until, "".join(self.raw)
            threading.Event().wait(0.02)
        return value

    @property
    def url(self) -> str:
        """Where it serves, once it does."""
        return str(self.event("serving")["url"])

    def get(self, path: str, *, key: str = "") -> httpx2.Response:
        """An answer of it, over TLS known by its own CA."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        ca = self.state / "tls" / "ca.crt"
        verify = ssl.create_default_context(cafile=ca) if ca.exists() else False
        return httpx2.get(f"{self.url}{path}", headers=headers, verify=verify, timeout=DEADLINE)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended, with its whole log read."""
        status = self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        return status


@contextmanager
def serving(
    state: Path, *words: str, environ: Mapping[str, str] | None = None
) -> Generator[ServedProcess]:
    """A server over a state folder, at a free port unless `words` say one; it is gone after."""
    port = () if "--port" in words else ("--port", "0")
    served = ServedProcess(state, *words, *port, environ=environ)
    try:
        yield served
    finally:
        served.process.kill()
        served.wait()
        assert served.process.stderr is not None
        served.process.stderr.close()
