"""The demo's own witness: QEMU processes by their ids, and whose hand ended each.

It asks /proc and its own connections, never vmuster. A process that is another one than before
must have been ended by the demo's own hand, or by an act of vmuster's that the story expects;
anything else is written down as a failure.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import msgspec

from vmuster.demo.hosts import SessionHost

_PATIENCE_SECONDS: Final = 20.0


class Watched(msgspec.Struct, kw_only=True):
    """One VM under the witness's eyes. `pid` None: it should not be running."""

    name: str
    uuid: UUID
    role: str
    pid: int | None
    ended_by: list[str]


class Witness:
    """Watches the guests of all hosts."""

    def __init__(self, hosts: list[SessionHost]) -> None:
        self._hosts = hosts
        self.watched: dict[UUID, Watched] = {}
        self.surprises: list[str] = []

    def watch(self, name: str, uuid: UUID, role: str) -> None:
        """Watch a VM from now on."""
        self.watched[uuid] = Watched(
            name=name, uuid=uuid, role=role, pid=self.pids().get(uuid), ended_by=[]
        )

    def pids(self) -> dict[UUID, int]:
        """The guests' processes as they are now."""
        found: dict[UUID, int] = {}
        for host in self._hosts:
            found.update(host.guest_pids())
        return found

    @contextmanager
    def expecting(self, uuid: UUID, whose: str, *, running: bool | None = None) -> Generator[None]:
        """Around an act that ends, replaces or begins the VM's process: `whose` act it is.

        `running`: wait until the process is there, or gone.
        """
        yield
        seen = self.watched[uuid]
        if running is not None:
            self.wait(
                lambda: (uuid in self.pids()) is running, f"{seen.name} did not follow: {whose}"
            )
        pid = self.pids().get(uuid)
        if pid != seen.pid:
            if seen.pid is not None:
                seen.ended_by.append(whose)
            seen.pid = pid

    def look(self, when: str) -> list[str]:
        """Compare every process with what was expected; returns and keeps the surprises."""
        now = self.pids()
        found: list[str] = []
        for seen in self.watched.values():
            pid = now.get(seen.uuid)
            if pid != seen.pid:
                found.append(
                    f"{when}: {seen.name}: process {seen.pid} became {pid}, by no hand of ours"
                )
                seen.ended_by.append(f"NOBODY KNOWS ({when})")
                seen.pid = pid
        self.surprises.extend(found)
        return found

    def wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait until `condition` holds; raises `TimeoutError` with `otherwise`."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            time.sleep(0.05)
