"""A simulated hypervisor whose processes and acts are written down, and whose bells may be lost."""

from collections.abc import Callable, Iterable
from uuid import UUID

from vmuster.drivers.simulated.domain import Domain
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.states import PowerReason, PowerState
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.world.chronicle import Chronicle

Listener = Callable[[VmUuid | None], None]


class _Processes(set[VmUuid]):
    """The VMs that run; beginnings and ends are told to the chronicle."""

    def __init__(self, host: str, chronicle: Chronicle) -> None:
        super().__init__()
        self._host = host
        self._chronicle = chronicle

    def add(self, vm: VmUuid, /) -> None:
        if vm not in self:
            super().add(vm)
            self._chronicle.began(self._host, vm)

    def discard(self, vm: object, /) -> None:
        if vm in self and isinstance(vm, UUID):
            super().discard(vm)
            self._chronicle.ended(self._host, VmUuid(vm))

    def clear(self) -> None:
        for vm in sorted(self):
            self.discard(vm)


class SimHypervisor(SimulatedHypervisor):
    """One host's. `everywhere`: all hypervisors of the world, this one among them. `bells_lost`:
    whether events reach nobody. `slow`: how much slower than usual its daemon answers."""

    def __init__(
        self,
        name: str,
        uuid: HostUuid,
        chronicle: Chronicle,
        loop: SimLoop,
        everywhere: Callable[[], Iterable["SimHypervisor"]],
    ) -> None:
        super().__init__(name, uuid)
        self.processes = _Processes(name, chronicle)
        self.bells_lost = False
        self.slow = 1.0
        self._forgotten: dict[VmUuid, Domain] = {}
        self._chronicle = chronicle
        self._loop = loop
        self._everywhere = everywhere
        self._wrapped: dict[Listener, Listener] = {}

    def listen(self, listener: Listener) -> None:
        """Events reach a listener in its own process, if that is alive then."""
        process = self._loop.current
        wrapped = self._wrapped[listener] = lambda vm: self._loop.post(process, listener, vm)
        super().listen(wrapped)

    def unlisten(self, listener: Listener) -> None:
        """Call it no more."""
        wrapped = self._wrapped.pop(listener, None)
        if wrapped is not None:
            super().unlisten(wrapped)

    def ring(self, vm: VmUuid | None) -> None:
        """An event, unless bells are lost; the end of a connection is always noticed."""
        if vm is None or not self.bells_lost:
            super().ring(vm)

    def acted(self, domain: Domain, what: str) -> None:
        """The product changes this VM, at this moment."""
        super().acted(domain, what)
        running = tuple(h.name for h in self._everywhere() if domain.uuid in h.processes)
        self._chronicle.acted(self.name, domain, what, running)

    def forget_state(self) -> None:
        """The daemon loses what it knew of its VMs, which run on, until it finds them again."""
        self._forgotten |= self.domains
        super().forget_state()

    def forget_runs(self) -> None:
        """The daemon takes every VM that runs for stopped: their processes run on."""
        for domain in self.domains.values():
            if domain.active:
                domain.power, domain.reason = PowerState.STOPPED, PowerReason.UNKNOWN

    def remember(self) -> None:
        """The daemon finds what it had forgotten, as it is by now, and rings for that alone."""
        lost = {vm: each for vm, each in self._forgotten.items() if vm not in self.domains}
        self._forgotten.clear()
        self.domains |= {
            vm: each for vm, each in lost.items() if each.persistent or vm in self.processes
        }
        for domain in self.domains.values():
            mistaken = domain.active != (domain.uuid in self.processes)
            if mistaken:
                power = PowerState.STOPPED if domain.active else PowerState.RUNNING
                domain.power, domain.reason = power, PowerReason.UNKNOWN
            if mistaken or domain.uuid in lost:
                self.ring(domain.uuid)

    def take_in(self, domain: Domain) -> None:
        """A running VM arrives from another host; it is still the one that was adopted."""
        origin = self._arriving(domain)
        if origin is not None and id(origin) in self._chronicle.truth.adopted:
            self._chronicle.truth.adopted[id(domain)] = domain
        super().take_in(domain)

    def _arriving(self, domain: Domain) -> Domain | None:
        """The VM on the host that it comes from."""
        for other in self._everywhere():
            there = other.domains.get(domain.uuid)
            if other is not self and there is not None and there.active:
                return there
        return None
