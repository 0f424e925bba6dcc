"""A look becomes a report. What can't be told is said to be so; it never becomes a shorter list."""

from collections.abc import Collection
from typing import Final

from vmuster.agent.inquiry import Inquiry
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.report import HostReport, digest_of
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Driver, DriverError, Listing, Witness

_DENIALS_MAX: Final = 3
"""So often in a row the hypervisor says "no such domain" of a VM while no witness can tell; then
it is asked no more. Its absence was never confirmed, and the server may still ask by name (L10)."""


class Observer:
    """The reports of one host in one connection.

    `known`: the VMs whose absence is worth confirming, and how often the hypervisor alone denied
    each since it was last listed.
    """

    def __init__(self, driver: Driver, witness: Witness, host: HostId) -> None:
        self._driver = driver
        self._held = Inquiry(witness.held, seconds=witness.answer_seconds)
        self._host = host
        self._boot_id = ""
        self._epoch = 0
        self._sequence = 0
        self._known: dict[VmUuid, int] = {}
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
        missing = self._known.keys() - {vm.uuid for vm in listing.vms}
        absent: tuple[VmUuid, ...] = ()
        if missing and listing.completeness is Completeness.COMPLETE:
            listing, absent = await self._confirm(listing, missing)
        self._remember(listing, absent)
        return self._report(listing, absent, asked_after)

    async def observe_some(self, vms: Collection[VmUuid]) -> HostReport:
        """Look at these VMs alone: a PARTIAL report."""
        asked_after = self.asked_after
        listing = await self._driver.look(vms)
        held = await self._witnessed(listing)
        return self._report(listing, _absent(listing, held), asked_after)

    async def _confirm(
        self, listing: Listing, missing: set[VmUuid]
    ) -> tuple[Listing, tuple[VmUuid, ...]]:
        """Ask for what the list lacks; one that is there after all, or that the hypervisor denies
        and a process holds, makes it PARTIAL: it does not name every VM of the host."""
        try:
            second = await self._driver.look(missing)
        except DriverError:
            return listing, ()
        held = await self._witnessed(second)
        doubts: list[str] = []
        if second.vms:
            doubts.append(f"{len(second.vms)} VMs were not in the list, and are there")
        if held_on := sum(vm in held for vm in second.absent) if held is not None else 0:
            doubts.append(f"{held_on} VMs are not in the list, and processes hold them")
        absent = _absent(second, held)
        if not doubts:
            return listing, absent
        partial = Listing(
            vms=listing.vms + second.vms,
            completeness=Completeness.PARTIAL,
            doubts=(*listing.doubts, *doubts),
        )
        return partial, absent

    async def _witnessed(self, listing: Listing) -> frozenset[VmUuid] | None:
        """The VMs that a process holds, asked only where the hypervisor denied one; None where no
        witness can tell."""
        if not listing.absent:
            return frozenset()
        held = await self._held.answer()
        if held is None:
            for vm in self._known.keys() & set(listing.absent):
                self._known[vm] += 1
        return held

    def _remember(self, listing: Listing, absent: tuple[VmUuid, ...]) -> None:
        """Know what was listed, and what is neither listed nor gone."""
        kept = {vm: n for vm, n in self._known.items() if vm not in absent and n < _DENIALS_MAX}
        self._known = kept | {vm.uuid: 0 for vm in listing.vms}

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


def _absent(listing: Listing, held: frozenset[VmUuid] | None) -> tuple[VmUuid, ...]:
    """The absent VMs of which a witness, too, says that no process holds them."""
    return () if held is None else tuple(vm for vm in listing.absent if vm not in held)
