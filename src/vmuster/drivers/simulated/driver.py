"""The simulated driver: `ports.driver.Driver` over an in-memory hypervisor."""

from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from vmuster.drivers.bells import BellBox
from vmuster.drivers.rules import (
    confirm_empty,
    is_suspicious,
    why_not_markable,
    why_not_savable,
    why_not_startable,
)
from vmuster.drivers.simulated.domain import Domain
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.drivers.simulated.reach import Reach
from vmuster.model.host import HostFacts
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StartPermit, StopPermit, UnmarkPermit
from vmuster.model.states import Completeness, PowerReason, PowerState, StopMethod
from vmuster.model.text import bounded
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Bell, DriverError, Listing, Witness


class Permit(Protocol):
    """What every permit says: for which VM it is."""

    @property
    def vm(self) -> VmUuid: ...


P = TypeVar("P", bound=Permit)


class SimulatedDriver:
    """One simulated host. See `ports.driver.Driver`."""

    def __init__(self, hypervisor: SimulatedHypervisor, witness: Witness | None = None) -> None:
        self._hypervisor = hypervisor
        self._witness = witness or SimulatedWitness(hypervisor)
        self._reach = Reach(hypervisor)
        self._read_only = True
        self._bells = BellBox()
        self._known: frozenset[VmUuid] = frozenset()

    async def open(self, *, read_only: bool) -> HostFacts:
        """Connect, or connect anew."""
        self._hypervisor.unlisten(self._bells.ring)
        self._reach.open()
        self._read_only = read_only
        self._hypervisor.listen(self._bells.ring)
        return self._hypervisor.facts

    async def ping(self) -> None:
        """Ask the daemon for a sign of life, on a connection made for it."""
        self._reach.ping()

    async def list_vms(self) -> Listing:
        """Every VM of the host. An empty list where VMs were is asked for a second time."""
        self._reach.look()
        if self._hypervisor.faults.listing_fails:
            raise DriverError("the list failed")
        listing = self._list()
        if is_suspicious(listing, self._known):
            found, absent, _doubts = self._look_up(sorted(self._known))
            listing = confirm_empty(self._known, found, absent, self._witness.held())
        if listing.completeness is Completeness.COMPLETE:
            self._known = frozenset(vm.uuid for vm in listing.vms)
        return listing

    def _list(self) -> Listing:
        faults, domains = self._hypervisor.faults, self._hypervisor.domains
        vms, _absent, doubts = self._look_up(() if faults.empty_listing else tuple(domains))
        return Listing(
            vms=tuple(vm for vm in vms if vm.uuid not in faults.hidden),
            completeness=Completeness.PARTIAL if doubts else Completeness.COMPLETE,
            doubts=tuple(doubts),
        )

    async def look(self, vms: Collection[VmUuid]) -> Listing:
        """These VMs alone: PARTIAL, with `absent`."""
        self._reach.look()
        found, absent, doubts = self._look_up(tuple(dict.fromkeys(vms)))
        return Listing(
            vms=tuple(found),
            completeness=Completeness.PARTIAL,
            doubts=tuple(doubts),
            absent=tuple(absent),
        )

    def _look_up(
        self, vms: Collection[VmUuid]
    ) -> tuple[list[VmObservation], list[VmUuid], list[str]]:
        """What is found of these, what is absent, and what could not be read."""
        known, sick = self._hypervisor.domains, self._hypervisor.faults.sick
        found = [self._observe(known[vm]) for vm in vms if vm in known and vm not in sick]
        absent = [vm for vm in vms if vm not in known and vm not in sick]
        doubts = [f"VM {vm} could not be read: it is sick" for vm in vms if vm in sick]
        return found, absent, doubts

    def _observe(self, domain: Domain) -> VmObservation:
        power, reason = domain.power, domain.reason
        if (power, reason) == (PowerState.STOPPED, PowerReason.UNKNOWN):
            if domain.saved:
                reason = PowerReason.SAVED
            elif self._witness.holds(domain.uuid) is not False:
                power = PowerState.UNKNOWN
        return VmObservation(
            uuid=domain.uuid,
            name=bounded(domain.name),
            power=power,
            reason=reason,
            mark=domain.mark,
        )

    async def stop_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
    ) -> Refusal | None:
        """Stop as the permit says."""
        return self._act(vm, judge, self._stop)

    def _stop(self, domain: Domain, live: LiveVm, permit: StopPermit) -> None:
        if not domain.active:
            return
        match permit.method:
            case StopMethod.SHUTDOWN:
                self._answered_by_guest(domain)
                self._hypervisor.acted(domain, "shutdown")
                if not domain.deaf:
                    self._hypervisor.guest_shutdown(domain.uuid)
            case StopMethod.FORCE:
                self._hypervisor.acted(domain, "force")
                self._hypervisor.destroy(domain.uuid)
            case StopMethod.SAVE:
                self._answered_by_guest(domain)
                if reason := why_not_savable(live):
                    raise DriverError(reason)
                if self._hypervisor.faults.save_fails:
                    raise DriverError("the memory image could not be written")
                self._hypervisor.acted(domain, "save")
                self._hypervisor.save(domain.uuid)

    async def start_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StartPermit | Refusal]
    ) -> Refusal | None:
        """Start a VM that is there."""
        return self._act(vm, judge, self._start)

    def _start(self, domain: Domain, live: LiveVm, _permit: StartPermit) -> None:
        if live.power is PowerState.RUNNING:
            return
        if reason := why_not_startable(live, self._witness.holds(live.uuid)):
            raise DriverError(reason)
        self._hypervisor.acted(domain, "start")
        self._hypervisor.start(domain.uuid)

    async def write_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], MarkPermit | Refusal]
    ) -> Refusal | None:
        """Write the permit's mark, live and config."""
        return self._act(vm, judge, lambda d, live, permit: self._mark(d, live, permit.mark))

    async def erase_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], UnmarkPermit | Refusal]
    ) -> Refusal | None:
        """Take our mark out, live and config."""

        def deed(domain: Domain, live: LiveVm, _permit: UnmarkPermit) -> None:
            if (live.mark, live.stored_mark) != (None, None):
                self._mark(domain, live, None)

        return self._act(vm, judge, deed)

    def _mark(self, domain: Domain, live: LiveVm, mark: RawMark | None) -> None:
        if reason := why_not_markable(live):
            raise DriverError(reason)
        self._hypervisor.acted(domain, "unmark" if mark is None else "mark")
        domain.config_mark = mark
        if domain.active:
            domain.live_mark = mark
        self._hypervisor.ring(domain.uuid)

    def _act(
        self,
        vm: VmUuid,
        judge: Callable[[LiveVm], P | Refusal],
        deed: Callable[[Domain, LiveVm, P], None],
    ) -> Refusal | None:
        """Read the live VM, ask the judge, do the deed (L1)."""
        self._reach.act(vm)
        domain, live = self._live(vm)
        permit = judge(live)
        if isinstance(permit, Refusal):
            return permit
        if permit.vm != vm:
            raise DriverError(f"the permit is for VM {permit.vm}, not for VM {vm}")
        if self._read_only:
            raise DriverError("read only access prevents this")
        self._reach.deed(vm)
        deed(domain, live, permit)
        self._reach.answer(vm)
        return None

    def _live(self, vm: VmUuid) -> tuple[Domain, LiveVm]:
        if vm in self._hypervisor.faults.sick:
            raise DriverError(f"VM {vm} could not be read: it is sick")
        domain = self._hypervisor.domains.get(vm)
        if domain is None:
            raise DriverError(f"there is no VM {vm} on this host")
        seen = self._observe(domain)
        return domain, LiveVm(
            uuid=vm,
            name=seen.name,
            power=seen.power,
            reason=seen.reason,
            mark=seen.mark,
            stored_mark=domain.config_mark,
            run=str(domain.run) if domain.active else "",
            saved=domain.saved,
            transient=not domain.persistent,
        )

    def _answered_by_guest(self, domain: Domain) -> None:
        """Calls that need the VM's own process never return where it is frozen."""
        if domain.active and domain.frozen:
            raise self._reach.given_up(domain.uuid, begun=True)

    async def next_bell(self) -> Bell:
        """The next bell."""
        return await self._bells.next()

    async def close(self) -> None:
        """Let go of the hypervisor."""
        self._reach.close()
        self._hypervisor.unlisten(self._bells.ring)
