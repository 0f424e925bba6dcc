"""The shipped service over SQLite and libvirt, with strangers that nothing may happen to."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import libvirt  # pyright: ignore[reportMissingTypeStubs]

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.running import QUICK, RunningFleet
from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt.metadata import PREFIX, build_element
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NAMESPACE, RawMark, write_mark
from vmuster.model.states import HostMode
from vmuster.server.secrets.signing import Signer
from vmuster.stores.sql.opening import open_sqlite
from vmuster.wiring.outside.agents import InProcessAgents
from vmuster.wiring.outside.clock import SystemClock

STRANGERS = ("Windows 7 (32-bit) (1)", "i-9-99-OTHER")
CALL_SECONDS = 3.0


class RealFleet(RunningFleet):
    """A fleet of two real hosts: `alpha` and `beta`, with hands (`LibvirtRig`) on both."""

    alpha: Host
    beta: Host

    def __init__(self, on_alpha: LibvirtRig, on_beta: LibvirtRig, state: Path) -> None:
        agents = InProcessAgents(SystemClock(), state / "agents", CALL_SECONDS)
        super().__init__(agents, lambda: open_sqlite(state / "vmuster.db"), loopback_hosts=True)
        self.on_alpha = on_alpha
        self.on_beta = on_beta
        self.strangers: dict[VmUuid, int] = {}

    async def begin(self) -> None:
        """Start strangers, then the server; then take both hosts under management."""
        for name in STRANGERS:
            vm = self.on_alpha.define(name=name, running=True)
            self.strangers[vm] = pid(self.on_alpha, vm)
        await self.start()
        await self.policy(**(QUICK | {"report_seconds": 0.3, "stop_grace_seconds": 3.0}))
        self.alpha = await self._take("alpha", self.on_alpha)
        self.beta = await self._take("beta", self.on_beta)

    async def _take(self, name: str, rig: LibvirtRig) -> Host:
        return await self.add(name, rig.host.profile, HostMode.MANAGE, "default")

    async def owned(self, *, running: bool = True, name: str = "") -> VmUuid:
        """A VM on alpha that has been adopted."""
        vm = self.on_alpha.define(running=running, name=name)
        await self.adopt(vm)
        return vm

    def mark(
        self, vm: VmUuid, generation: int | None = None, signer: Signer | None = None
    ) -> RawMark:
        """A mark of this fleet; by another signer it is a forgery."""
        given = self.generations.get(vm, 1) if generation is None else generation
        return write_mark((signer or self.signer).mark(self.service.context.fleet.id, vm, given))

    def strangers_run_on(self) -> bool:
        """Whether the strangers are the same processes as at the start."""
        pids = self.on_alpha.host.guest_pids()
        return all(pids.get(vm) == process for vm, process in self.strangers.items())


def pid(rig: LibvirtRig, vm: VmUuid) -> int:
    """The process of a VM that runs."""
    process = rig.process(vm)
    assert process is not None, "it does not run"
    return process


def put_mark(rig: LibvirtRig, vm: VmUuid, mark: RawMark) -> None:
    """Write a mark by hand, as somebody who is not the product would."""
    domain = rig.host.hand.lookupByUUID(vm.bytes)
    active = domain.isActive() == 1
    places = libvirt.VIR_DOMAIN_AFFECT_CONFIG | (libvirt.VIR_DOMAIN_AFFECT_LIVE if active else 0)
    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    _ = domain.setMetadata(kind, build_element(mark), PREFIX, NAMESPACE, places)


def copy_to(rig: LibvirtRig, other: SessionHost, vm: VmUuid) -> None:
    """Define a VM on another host by its XML, mark and uuid included."""
    domain = rig.host.hand.lookupByUUID(vm.bytes)
    _ = other.hand.defineXML(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))


def migrate(rig: LibvirtRig, other: LibvirtRig, vm: VmUuid) -> None:
    """Move a running VM to another host, live, and leave nothing of it behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    parameters = {
        libvirt.VIR_MIGRATE_PARAM_URI: f"tcp://127.0.0.1:{port}",
        libvirt.VIR_MIGRATE_PARAM_LISTEN_ADDRESS: "127.0.0.1",
    }
    flags = (
        libvirt.VIR_MIGRATE_LIVE
        | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
        | libvirt.VIR_MIGRATE_PERSIST_DEST
        | libvirt.VIR_MIGRATE_UNSAFE
    )
    domain = rig.host.hand.lookupByUUID(vm.bytes)
    _ = domain.migrate3(other.host.hand, parameters, flags)


@asynccontextmanager
async def real_fleet(
    on_alpha: LibvirtRig, on_beta: LibvirtRig, state: Path
) -> AsyncGenerator[RealFleet]:
    """A running fleet; at its end the strangers must be what they were."""
    fleet = RealFleet(on_alpha, on_beta, state)
    try:
        await fleet.begin()
        yield fleet
        assert fleet.strangers_run_on(), "a stranger was touched"
    finally:
        await fleet.stop()
