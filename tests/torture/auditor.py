"""An auditor: a process of its own that writes down every life event of one hypervisor.

`python -m tests.torture.auditor NAME URI FILE`. It knows libvirt and nothing of vmuster. It says
`ready` on stdout once it listens, and ends with its stdin. A connection that is lost is written
down too: an auditor that was blind for a while vouches for nothing.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import msgspec

_EVENTS: Final = (
    "defined",
    "undefined",
    "started",
    "suspended",
    "resumed",
    "stopped",
    "shutdown",
    "pmsuspended",
    "crashed",
)
"""libvirt's numbers of life events, in words."""
BLIND: Final = "blind"
"""In place of an event: the connection is gone."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One life event. `at`: wall-clock epoch seconds at which the auditor heard of it."""

    at: float
    host: str
    what: str
    detail: int = 0
    vm: str = ""
    name: str = ""


class Auditor:
    """The auditor of one hypervisor, as its starter sees it."""

    def __init__(self, host: str, uri: str, file: Path) -> None:
        """Start it, and wait until it listens."""
        self.file = file
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.auditor", host, uri, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self.stop()
            raise RuntimeError(f"the auditor of {host} does not listen")

    def events(self) -> list[Event]:
        """What it has heard so far, oldest first."""
        return [msgspec.json.decode(line, type=Event) for line in self._lines()]

    def stop(self) -> None:
        """End it."""
        with self._process as process:
            process.kill()

    def _lines(self) -> list[bytes]:
        whole, _, _ = self.file.read_bytes().rpartition(b"\n")
        return whole.split(b"\n") if whole else []


@contextmanager
def audited(uris: dict[str, str], folder: Path) -> Generator[dict[str, Auditor]]:
    """An auditor for each hypervisor, by the host's name."""
    started: dict[str, Auditor] = {}
    try:
        for host, uri in uris.items():
            started[host] = Auditor(host, uri, folder / f"events-{host}.jsonl")
        yield started
    finally:
        for auditor in started.values():
            auditor.stop()


def main(host: str, uri: str, file: str) -> None:
    """Listen until stdin ends."""
    libvirt.virEventRegisterDefaultImpl()
    connection = libvirt.openReadOnly(uri)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(event: Event) -> None:
        _ = os.write(descriptor, msgspec.json.encode(event) + b"\n")

    connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, _listener(host, write), None
    )

    def lost(_connection: object, _reason: int, _opaque: Any) -> None:
        write(Event(at=time.time(), host=host, what=BLIND))

    connection.registerCloseCallback(lost, None)
    connection.setKeepAlive(5, 6)
    threading.Thread(target=_run_events, daemon=True).start()
    _ = sys.stdout.write("ready\n")
    _ = sys.stdout.flush()
    _ = sys.stdin.read()
    os._exit(0)


def _listener(host: str, write: Callable[[Event], None]) -> Callable[..., None]:
    def heard(_: object, domain: libvirt.virDomain, event: int, detail: int, _opaque: Any) -> None:
        what = _EVENTS[event] if event < len(_EVENTS) else f"event {event}"
        write(
            Event(
                at=time.time(),
                host=host,
                what=what,
                detail=detail,
                vm=domain.UUIDString(),
                name=domain.name(),
            )
        )

    return heard


def _run_events() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


if __name__ == "__main__":
    main(*sys.argv[1:])
