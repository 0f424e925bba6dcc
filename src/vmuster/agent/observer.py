"""A look becomes a report. What can't be told is said to be so; it never becomes a shorter list.

VMs come in the order of their uuids: a host on which nothing has changed says the same again, byte
for byte.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from vmuster.agent.inquiry import Inquiry
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.ports.driver import Driver, DriverError, Listing, Witness

_DENIALS_MAX: Final = 3
"""So often in a row the hypervisor says "no such domain" of a VM while no witness can tell; then
it is asked no more. Its absence was never confirmed, and the server may still ask by name (L10)."""


class Unlisted(msgspec.Struct, frozen=True, kw_only=True):
    """Of the VMs that the hypervisor denies, those of which a witness says that no process holds
    them, and those of which it says that one does; neither where none can tell."""

    absent: tuple[VmUuid, ...] = ()
    held: tuple[VmUuid, ...] = ()


class Observer:
    """The reports of one host in one connection.

    `known`: the VMs whose absence is worth confirming, by what the server has told and what was
    seen since, and how often the hypervisor alone denied each since it was last shown.
    """

    def __init__(self, driver: Driver, witness: Witness, host: HostId) -> None:
        self._driver = driver
        self._held = Inquiry(witness.held, seconds=witness.answer_seconds)
        self._strange = Inquiry(witness.strange, seconds=witness.answer_seconds)
        self._host = host
        self._boot_id = ""
        self._epoch = 0
        self._sequence = 0
        self._known: dict[VmUuid, int] = {}
        self.asked_after = 0
        """The highest intake number that the server has told."""

    def connected(self, epoch: int, intake: int, known: Collection[VmUuid]) -> None:
        """A new connection to the server: its epoch, its intake number so far, and the VMs that it
        knows of here."""
        self._epoch, self._sequence = epoch, 0
        self._known = dict.fromkeys(known, 0) | self._known
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
        unlisted = Unlisted()
        if missing and listing.completeness is Completeness.COMPLETE:
            listing, unlisted = await self._confirm(listing, missing)
        self._remember(listing, unlisted)
        return self._report(listing, unlisted, asked_after)

    async def observe_some(self, vms: Collection[VmUuid]) -> HostReport:
        """Look at these VMs alone: a PARTIAL report."""
        asked_after = self.asked_after
        listing = await self._driver.look(vms)
        unlisted = await self._unlisted(listing)
        self._remember(listing, unlisted)
        return self._report(listing, unlisted, asked_after)

    async def _confirm(self, listing: Listing, missing: set[VmUuid]) -> tuple[Listing, Unlisted]:
        """Ask for what the list lacks. It is whole only where the hypervisor denies all of that:
        what it denies and a process holds is told apart, and is no reason to doubt the rest."""
        try:
            second = await self._driver.look(missing)
        except DriverError:
            second = Listing(vms=(), completeness=Completeness.PARTIAL)
        unlisted = await self._unlisted(second)
        unasked = len(missing) - len(second.vms) - len(second.absent)
        doubts = [
            f"{count} VMs {what}"
            for count, what in (
                (len(second.vms), "were not in the list, and are there"),
                (unasked, "are not in the list, and gave no clear answer"),
                (len(unlisted.held), "are not in the list, and processes hold them"),
            )
            if count
        ]
        partial = bool(second.vms or unasked)
        whole = Listing(
            vms=listing.vms + second.vms,
            completeness=Completeness.PARTIAL if partial else Completeness.COMPLETE,
            doubts=(*listing.doubts, *doubts),
        )
        return whole, unlisted

    async def _witnessed(self, listing: Listing) -> frozenset[VmUuid] | None:
        """The VMs that a process holds, asked only where the hypervisor denied one; None where no
        witness can tell."""
        if not listing.absent:
            return frozenset()
        return await self._held.answer()

    async def _unlisted(self, listing: Listing) -> Unlisted:
        """What the witness says of the VMs that the hypervisor denies. What a process holds that is
        another hypervisor's, on the same machine, is neither absent nor held."""
        held = await self._witnessed(listing)
        known = set(listing.absent) if held is None else held.intersection(listing.absent)
        strange = await self._strange.answer() if known and held is not None else None
        untold = known if held is None else known & (strange or frozenset())
        for vm in self._known.keys() & untold:
            self._known[vm] += 1
        told = [vm for vm in listing.absent if vm not in untold]
        return Unlisted(
            absent=tuple(vm for vm in told if vm not in known),
            held=tuple(vm for vm in told if vm in known),
        )

    def _remember(self, listing: Listing, unlisted: Unlisted) -> None:
        """Know what was shown or is held, and what is neither that nor gone."""
        gone = unlisted.absent
        kept = {vm: n for vm, n in self._known.items() if vm not in gone and n < _DENIALS_MAX}
        there = [*(vm.uuid for vm in listing.vms), *unlisted.held]
        self._known = kept | dict.fromkeys(there, 0)

    def _report(self, listing: Listing, unlisted: Unlisted, asked_after: int) -> HostReport:
        self._sequence += 1
        return HostReport(
            host=self._host,
            epoch=self._epoch,
            sequence=self._sequence,
            boot_id=self._boot_id,
            completeness=listing.completeness,
            vms=tuple(sorted(listing.vms, key=lambda vm: vm.uuid)),
            absent=unlisted.absent,
            held=unlisted.held,
            doubts=listing.doubts,
            asked_after=asked_after,
        )
