"""The suite's hands in the simulated world."""

from uuid import UUID

from tests.conformance.drivers.rigs import fresh
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.mark import RawMark


class SimulatedRig:
    def __init__(self) -> None:
        self.hypervisor = SimulatedHypervisor("one", HostUuid(UUID(int=1)))
        self._other = SimulatedHypervisor("two", HostUuid(UUID(int=2)))

    def driver(self, *, call_seconds: float = 15.0) -> SimulatedDriver:
        return SimulatedDriver(self.hypervisor)

    def neighbour(self) -> SimulatedDriver:
        return SimulatedDriver(self._other)

    def define(
        self,
        *,
        vm: VmUuid | None = None,
        name: str = "",
        running: bool = False,
        deaf: bool = False,
    ) -> VmUuid:
        vm = vm or fresh()
        _ = self.hypervisor.define(vm, name or f"vm-{vm}", running=running, deaf=deaf)
        return vm

    def start(self, vm: VmUuid) -> None:
        self.hypervisor.start(vm)

    def destroy(self, vm: VmUuid) -> None:
        self.hypervisor.destroy(vm)

    def guest_shutdown(self, vm: VmUuid) -> None:
        self.hypervisor.guest_shutdown(vm)

    def crash(self, vm: VmUuid) -> None:
        self.hypervisor.crash(vm)

    def pause(self, vm: VmUuid) -> None:
        self.hypervisor.pause(vm)

    def save(self, vm: VmUuid) -> None:
        self.hypervisor.save(vm)

    def rename(self, vm: VmUuid, name: str) -> None:
        self.hypervisor.rename(vm, name)

    def redefine(self, vm: VmUuid) -> None:
        self.hypervisor.redefine(vm)

    def clone(self, vm: VmUuid) -> VmUuid:
        copy = fresh()
        _ = self.hypervisor.clone(vm, copy, f"vm-{copy}")
        return copy

    def undefine(self, vm: VmUuid) -> None:
        self.hypervisor.undefine(vm)

    def move(self, vm: VmUuid) -> None:
        self.hypervisor.migrate(vm, self._other)

    def live_mark(self, vm: VmUuid) -> RawMark | None:
        return self.hypervisor.domains[vm].live_mark

    def config_mark(self, vm: VmUuid) -> RawMark | None:
        return self.hypervisor.domains[vm].config_mark

    def process(self, vm: VmUuid) -> int | None:
        return hash(vm) if vm in self.hypervisor.processes else None

    def rest_of(self, vm: VmUuid) -> list[str]:
        domain = self.hypervisor.domains[vm]
        return [str((domain.uuid, domain.name, domain.power, domain.persistent, domain.saved))]

    def kill_daemon(self) -> None:
        self.hypervisor.kill_daemon()

    def start_daemon(self) -> None:
        self.hypervisor.start_daemon()

    def freeze_daemon(self) -> None:
        self.hypervisor.faults.hang = Hang.BEFORE

    def thaw_daemon(self) -> None:
        self.hypervisor.faults.hang = Hang.NO

    def freeze_vm(self, vm: VmUuid) -> None:
        self.hypervisor.domains[vm].frozen = True

    def thaw_vm(self, vm: VmUuid) -> None:
        self.hypervisor.domains[vm].frozen = False

    def forget_state(self) -> None:
        self.hypervisor.kill_daemon()
        self.hypervisor.forget_state()
        self.hypervisor.start_daemon()

    def become_another_host(self) -> None:
        self.hypervisor.uuid = HostUuid(UUID(int=3))

    def become_itself(self) -> None:
        self.hypervisor.uuid = HostUuid(UUID(int=1))
