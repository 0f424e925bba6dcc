"""An observer at its post: before a hypervisor with two VMs, whose list may be cut short."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from tests.parts import HOST, VM
from vmuster.agent.observer import Observer
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.ports.driver import DriverError, Listing

SECOND = VmUuid(UUID(int=2))
THIRD = VmUuid(UUID(int=3))


class Forgetful(SimulatedDriver):
    """A driver whose list leaves out the VMs of `left_out`, as a list cut short does."""

    left_out: Collection[VmUuid] = ()
    look_fails = False

    async def list_vms(self) -> Listing:
        whole = await super().list_vms()
        kept = tuple(vm for vm in whole.vms if vm.uuid not in self.left_out)
        return msgspec.structs.replace(whole, vms=kept)

    async def look(self, vms: Collection[VmUuid]) -> Listing:
        if self.look_fails:
            raise DriverError("no answer in time")
        return await super().look(vms)


class Post:
    """An observer at its post before a hypervisor with two VMs."""

    def __init__(self) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        self.hypervisor.define(SECOND, "two")
        self.hypervisor.define(VM, "one", running=True)
        self.witness = SimulatedWitness(self.hypervisor)
        self.driver = Forgetful(self.hypervisor)
        self.observer = Observer(self.driver, self.witness, HOST)

    async def open(self) -> Observer:
        self.observer.opened((await self.driver.open(read_only=True)).boot_id)
        self.observer.connected(3, 40, ())
        return self.observer
