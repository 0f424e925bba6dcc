"""What random hands do to real hosts: each act as a person, or an accident, would do it.

An act that the hypervisor refuses is a refused act, and no failure. What hangs or is dead is put
right after a while; hands keep off what hangs, or they would hang with it.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Final
from uuid import UUID
from xml.etree import ElementTree

import libvirt  # pyright: ignore[reportMissingTypeStubs]
from defusedxml.ElementTree import fromstring

from tests.torture import strangers
from tests.torture.stage import Stage
from vmuster.demo.hosts import SessionHost

_WEIGHTS: Final = {
    "start": 10,
    "destroy": 6,
    "shut down": 4,
    "kill its process": 4,
    "migrate": 6,
    "rename": 2,
    "redefine": 2,
    "redefine without its mark": 1,
    "copy": 1,
    "undefine": 1,
    "hang its process": 2,
    "start or stop a stranger": 3,
    "kill the daemon": 2,
    "hang the daemon": 2,
}
_ON: Final = {
    "start": False,
    "rename": False,
    "destroy": True,
    "shut down": True,
    "kill its process": True,
    "migrate": True,
    "hang its process": True,
}
"""Whether the VM must run for it; the others are done to any."""
_HANG_SECONDS: Final = (0.5, 4.0)
_COPIES_MAX: Final = 6


class Hands:
    """Hands on all hosts. `touchable`: VMs of ours that they may do anything to."""

    def __init__(self, stage: Stage, chance: random.Random, touchable: set[UUID]) -> None:
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.strangers: dict[UUID, bool] = {}
        """Strangers, and whether the hands left them running."""
        self._stage = stage
        self._chance = chance
        self._touchable = touchable
        self._off: set[SessionHost] = set()
        self._hung: dict[UUID, SessionHost] = {}
        self._mends: list[tuple[float, Callable[[], None]]] = []
        self._count = 0

    def act(self) -> None:
        """One random act, where there is something to act on."""
        self._mend(time.monotonic())
        what = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        reachable = [host for host in self._stage.hosts.values() if host not in self._off]
        if not reachable:
            return
        host = self._chance.choice(reachable)
        try:
            acted = self._do(what, host)
        except (libvirt.libvirtError, LookupError, ProcessLookupError):
            self.refused[what] += 1  # or it had ended by itself in between
        else:
            self.done[what] += acted

    def rest(self) -> None:
        """Put right all that hangs or is dead, and do nothing more."""
        self._mend(float("inf"))

    def _do(self, what: str, host: SessionHost) -> bool:
        """Do it; False where there was nothing to do it to."""
        match what:
            case "kill the daemon":
                return self._kill_daemon(host)
            case "hang the daemon":
                return self._hang_daemon(host)
            case "start or stop a stranger":
                return self._stranger(host)
            case _:
                return self._to_a_vm(what, host)

    def _to_a_vm(self, what: str, host: SessionHost) -> bool:
        """What is done to one VM of ours, where there is one that it can be done to."""
        domain = self._chosen(host, active=_ON.get(what))
        if domain is None:
            return False
        vm = UUID(bytes=domain.UUID())
        self._count += 1
        deeds: dict[str, Callable[[], object]] = {
            "start": domain.create,
            "destroy": domain.destroy,
            "shut down": domain.shutdown,
            "kill its process": lambda: os.kill(host.guest_pids()[vm], signal.SIGKILL),
            "migrate": lambda: self._migrate(host, vm),
            "rename": lambda: domain.rename(f"renamed-{self._count}"),
            "redefine": lambda: redefine(host, domain, with_mark=True),
            "redefine without its mark": lambda: redefine(host, domain, with_mark=False),
            "copy": lambda: self._copy(host, vm),
            "undefine": domain.undefine,
            "hang its process": lambda: self._hang_vm(host, vm),
        }
        return deeds[what]() is not False

    def _migrate(self, host: SessionHost, vm: UUID) -> bool:
        others = set(self._stage.hosts.values()) - self._off - {host}
        if not others:
            return False
        host.move(vm, self._chance.choice(sorted(others, key=lambda other: other.port)))
        return True

    def _chosen(self, host: SessionHost, *, active: bool | None) -> libvirt.virDomain | None:
        """A VM of ours on the host that may be touched now."""
        found = [
            domain
            for domain in host.hand.listAllDomains()
            if UUID(bytes=domain.UUID()) in self._touchable - self._hung.keys()
            and active in (None, bool(domain.isActive()))
        ]
        found.sort(key=lambda domain: domain.UUID())
        return self._chance.choice(found) if found else None

    def _stranger(self, host: SessionHost) -> bool:
        found = [d for d in host.hand.listAllDomains() if UUID(bytes=d.UUID()) in self.strangers]
        if not found:
            return False
        found.sort(key=lambda domain: domain.UUID())
        domain = self._chance.choice(found)
        runs = bool(domain.isActive())
        _ = domain.destroy() if runs else domain.create()
        self.strangers[UUID(bytes=domain.UUID())] = not runs
        return True

    def _copy(self, host: SessionHost, vm: UUID) -> bool:
        if self.done["copy"] >= _COPIES_MAX:
            return False
        runs = self._chance.random() < 0.5
        copy = strangers.clone(host, vm, f"copy-{self._count}", running=runs)
        self.strangers[copy] = runs
        return True

    def _hang_vm(self, host: SessionHost, vm: UUID) -> None:
        pid = host.guest_pids()[vm]
        os.kill(pid, signal.SIGSTOP)
        self._hung[vm] = host

        def mend() -> None:
            del self._hung[vm]
            if host.guest_pids().get(vm) == pid:
                os.kill(pid, signal.SIGCONT)

        self._later(mend)

    def _kill_daemon(self, host: SessionHost) -> bool:
        """Not while a guest of it hangs: its next life would wait for that one."""
        if host in self._hung.values():
            return False
        host.kill_daemon()
        self._off.add(host)

        def mend() -> None:
            host.start()
            self._off.remove(host)

        self._later(mend)
        return True

    def _hang_daemon(self, host: SessionHost) -> bool:
        host.freeze_daemon()
        self._off.add(host)

        def mend() -> None:
            host.thaw_daemon()
            self._off.remove(host)

        self._later(mend)
        return True

    def _later(self, mend: Callable[[], None]) -> None:
        self._mends.append((time.monotonic() + self._chance.uniform(*_HANG_SECONDS), mend))

    def _mend(self, now: float) -> None:
        for due in [due for due in self._mends if due[0] <= now]:
            self._mends.remove(due)
            due[1]()


def redefine(host: SessionHost, domain: libvirt.virDomain, *, with_mark: bool) -> None:
    """Define a VM again by its own stored XML, or by that without its metadata."""
    tree = fromstring(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    for metadata in [] if with_mark else tree.findall("metadata"):
        tree.remove(metadata)
    _ = host.hand.defineXML(ElementTree.tostring(tree, encoding="unicode"))
