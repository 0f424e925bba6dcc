"""The suite's hands in the real world: two session hosts and their guests."""

import contextlib
import os
import signal
import time
from uuid import UUID
from xml.etree import ElementTree

import libvirt  # pyright: ignore[reportMissingTypeStubs]
from defusedxml.ElementTree import fromstring

from tests.conformance.drivers.rigs import fresh
from vmuster.demo.guests import Behaviour
from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.libvirt.looking import config_mark, live_mark
from vmuster.drivers.libvirt.sight import witness_of
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark

CLEAN_SECONDS = 20.0


class LibvirtRig:
    def __init__(self, host: SessionHost, other: SessionHost) -> None:
        self.host = host
        self._other = other
        self._frozen = False
        self._dead = False
        self._stranger = False

    def driver(self, *, call_seconds: float = 15.0) -> LibvirtDriver:
        profile = self.host.profile
        return LibvirtDriver(
            profile, witness_of(profile), call_seconds=call_seconds, save_seconds=call_seconds
        )

    def neighbour(self) -> LibvirtDriver:
        profile = self._other.profile
        return LibvirtDriver(profile, witness_of(profile), call_seconds=15.0)

    def define(
        self,
        *,
        vm: VmUuid | None = None,
        name: str = "",
        running: bool = False,
        deaf: bool = False,
    ) -> VmUuid:
        vm = vm or fresh()
        behaviour = Behaviour.DEAF if deaf else Behaviour.OBEDIENT
        domain = self.host.define(name or f"vm-{vm}", vm, behaviour)
        if running:
            _ = domain.create()
        return vm

    def start(self, vm: VmUuid) -> None:
        _ = self._domain(vm).create()

    def destroy(self, vm: VmUuid) -> None:
        _ = self._domain(vm).destroy()

    def guest_shutdown(self, vm: VmUuid) -> None:
        """A guest hears the button once it is up; pressing it again does no harm."""
        with contextlib.suppress(libvirt.libvirtError):  # it may be off by now
            _ = self._domain(vm).shutdown()

    def crash(self, vm: VmUuid) -> None:
        os.kill(self.host.guest_pids()[vm], signal.SIGKILL)

    def pause(self, vm: VmUuid) -> None:
        _ = self._domain(vm).suspend()

    def save(self, vm: VmUuid) -> None:
        _ = self._domain(vm).managedSave()

    def rename(self, vm: VmUuid, name: str) -> None:
        _ = self._domain(vm).rename(name)

    def redefine(self, vm: VmUuid) -> None:
        tree = self._tree(vm, libvirt.VIR_DOMAIN_XML_INACTIVE)
        _ = self.host.hand.defineXML(ElementTree.tostring(tree, encoding="unicode"))

    def clone(self, vm: VmUuid) -> VmUuid:
        copy = fresh()
        tree = self._tree(vm, libvirt.VIR_DOMAIN_XML_INACTIVE, metadata=True)
        for tag, text in (("uuid", str(copy)), ("name", f"vm-{copy}")):
            element = tree.find(tag)
            assert element is not None
            element.text = text
        _ = self.host.hand.defineXML(ElementTree.tostring(tree, encoding="unicode"))
        return copy

    def undefine(self, vm: VmUuid) -> None:
        _ = self._domain(vm).undefine()

    def move(self, vm: VmUuid) -> None:
        self.host.move(vm, self._other)

    def live_mark(self, vm: VmUuid) -> RawMark | None:
        return live_mark(self._domain(vm))

    def config_mark(self, vm: VmUuid) -> RawMark | None:
        return config_mark(self._domain(vm))

    def process(self, vm: VmUuid) -> int | None:
        return self.host.guest_pids().get(vm)

    def rest_of(self, vm: VmUuid) -> list[str]:
        return [
            ElementTree.tostring(self._tree(vm, flags), encoding="unicode")
            for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE)
        ]

    def kill_daemon(self) -> None:
        self.host.kill_daemon()
        self._dead = True

    def start_daemon(self) -> None:
        self.host.start()
        self._dead = False

    def freeze_daemon(self) -> None:
        self.host.freeze_daemon()
        self._frozen = True

    def thaw_daemon(self) -> None:
        self.host.thaw_daemon()
        self._frozen = False

    def freeze_vm(self, vm: VmUuid) -> None:
        os.kill(self.host.guest_pids()[vm], signal.SIGSTOP)

    def thaw_vm(self, vm: VmUuid) -> None:
        os.kill(self.host.guest_pids()[vm], signal.SIGCONT)

    def forget_state(self) -> None:
        self.kill_daemon()
        self.host.forget_state()
        self.start_daemon()

    def become_another_host(self) -> None:
        self._answer_as(fresh())
        self._stranger = True

    def become_itself(self) -> None:
        self._answer_as(self.host.host_uuid)
        self._stranger = False

    def _answer_as(self, host: UUID) -> None:
        """Restart the daemon under this uuid; a connection of before is gone by then."""
        self.kill_daemon()
        config = self.host.folder / "libvirtd.conf"
        lines = config.read_text().splitlines(keepends=True)
        lines = [f'host_uuid = "{host}"\n' if "host_uuid" in line else line for line in lines]
        _ = config.write_text("".join(lines))
        self.start_daemon()

    def _domain(self, vm: VmUuid) -> libvirt.virDomain:
        return self.host.hand.lookupByUUID(vm.bytes)

    def _tree(self, vm: VmUuid, flags: int, *, metadata: bool = False) -> ElementTree.Element:
        tree = fromstring(self._domain(vm).XMLDesc(flags))
        found = tree.find("metadata")
        if found is not None and not metadata:
            tree.remove(found)
            ElementTree.indent(tree)
        return tree

    def clean(self) -> None:
        """Make the hosts as good as new: they run, and have no VM."""
        if self._frozen:
            self.thaw_daemon()
        for host in (self.host, self._other):
            for pid in host.guest_pids().values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self._dead:
            self.start_daemon()
        if self._stranger:
            self.become_itself()
        for host in (self.host, self._other):
            self._remove_all(host)

    @staticmethod
    def _remove_all(host: SessionHost) -> None:
        deadline = time.monotonic() + CLEAN_SECONDS
        while left := host.hand.listAllDomains():
            assert time.monotonic() < deadline, "a VM can't be removed"
            for domain in left:
                # A VM whose process has just been killed may be in the midst of going.
                with contextlib.suppress(libvirt.libvirtError):
                    _ = domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
                with contextlib.suppress(libvirt.libvirtError):
                    _ = domain.destroy()
