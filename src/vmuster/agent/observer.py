"""A look becomes a report. What can't be told is said to be so; it never becomes a shorter list."""

from collections.abc import Collection

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.report import HostReport, digest_of
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Driver, DriverError, Listing, Witness


class Observer:
    """The reports of one host in one connection. `known`: VMs whose absence is worth confirming."""

    def __init__(self, driver: Driver, witness: Witness, host: HostId) -> None:
        self._driver = driver
        self._witness = witness
        self._host = host
        self._boot_id = ""
        self._epoch = 0
        self._sequence = 0
        self._known: set[VmUuid] = set()
        self.asked_after = 0
        """The highest intake number that the server has told."""

    def connected(self, epoch: int, intake: int) -> None:
        """A new connection to the server: its epoch, and its intake number so far."""
        self._epoch, self._sequence = epoch, 0
        self.heard(intake)

    def opened(self, boot_id: str) -> None:
        """The hypervisor was opened (anew) and says which boot of its host this is."""
        self._boot_id = boot_id

    def heard(self, intake: int) -> None:
        """The server told an intake number; looks that begin from now on began after it."""
        self.asked_after = max(self.asked_after, intake)

    async def observe(self) -> HostReport:
        """Look at everything. Raises `DriverError`: no report then, and silence is honest."""
        asked_after = self.asked_after
        listing = await self._driver.list_vms()
        missing = self._known - {vm.uuid for vm in listing.vms}
        if listing.completeness is Completeness.PARTIAL or not missing:
            absent: tuple[VmUuid, ...] = ()
        else:
            listing, absent = await self._confirm(listing, missing)
        self._known = ({vm.uuid for vm in listing.vms} | missing) - set(absent)
        return self._report(listing, absent, asked_after)

    async def observe_some(self, vms: Collection[VmUuid]) -> HostReport:
        """Look at these VMs alone: a PARTIAL report."""
        asked_after = self.asked_after
        listing = await self._driver.look(vms)
        return self._report(listing, self._absent(listing), asked_after)

    async def _confirm(
        self, listing: Listing, missing: set[VmUuid]
    ) -> tuple[Listing, tuple[VmUuid, ...]]:
        """Ask for what the list lacks; one that is there after all makes it PARTIAL."""
        try:
            second = await self._driver.look(missing)
        except DriverError:
            return listing, ()
        if not second.vms:
            return listing, self._absent(second)
        late = Listing(
            vms=listing.vms + second.vms,
            completeness=Completeness.PARTIAL,
            doubts=(*listing.doubts, f"{len(second.vms)} VMs were not in the list, and are there"),
        )
        return late, self._absent(second)

    def _absent(self, listing: Listing) -> tuple[VmUuid, ...]:
        """The absent VMs of which a witness, too, says that no process holds them."""
        return tuple(vm for vm in listing.absent if self._witness.holds(vm) is False)

    def _report(self, listing: Listing, absent: tuple[VmUuid, ...], asked_after: int) -> HostReport:
        self._sequence += 1
        vms: tuple[VmObservation, ...] = listing.vms
        return HostReport(
            host=self._host,
            epoch=self._epoch,
            sequence=self._sequence,
            boot_id=self._boot_id,
            completeness=listing.completeness,
            vms=vms,
            absent=absent,
            doubts=listing.doubts,
            asked_after=asked_after,
            digest=digest_of(vms) if listing.completeness is Completeness.COMPLETE else "",
        )
