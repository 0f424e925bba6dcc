"""A host's account of its VMs."""

import hashlib
from typing import Annotated

import msgspec

from vmuster.model.host import Fact
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation

Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A number of ours as an agent says it: one that a database can hold, and the next ones too."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reported"):
    """Which report it is, apart from what it says: whose, and when by the numbers.

    `(epoch, sequence)` orders the reports of one host (L7). `asked_after` is the highest intake
    number the agent knew when its look began (see `Sighting`).
    """

    host: HostId
    epoch: Number
    sequence: Number
    asked_after: Number = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says, apart from which it is: the same for as long as nothing changes.

    `completeness` COMPLETE: `vms` and `held` name every VM of the host. PARTIAL: positive facts
    only. `doubts` says in words why it is no more, or what is strange in it. `absent` lists VMs of
    which the hypervisor said "no such domain" and a witness said that no process holds them;
    `held` those of which the witness said that one does: they run, unseen.
    """

    boot_id: Fact
    completeness: Completeness
    vms: tuple[VmObservation, ...]
    absent: tuple[VmUuid, ...] = ()
    held: tuple[VmUuid, ...] = ()
    doubts: tuple[str, ...] = ()


class HostReport(msgspec.Struct, frozen=True, kw_only=True):
    """One host's report: its stamp and its account. `digest`: of the account as it was sent."""

    host: HostId
    epoch: Number
    sequence: Number
    boot_id: Fact
    completeness: Completeness
    vms: tuple[VmObservation, ...]
    absent: tuple[VmUuid, ...] = ()
    held: tuple[VmUuid, ...] = ()
    doubts: tuple[str, ...] = ()
    asked_after: Number = 0
    digest: Fact = ""

    @property
    def stamp(self) -> Stamp:
        """Which report it is."""
        return Stamp(
            host=self.host,
            epoch=self.epoch,
            sequence=self.sequence,
            asked_after=self.asked_after,
        )

    @property
    def account(self) -> Account:
        """What it says."""
        return Account(
            boot_id=self.boot_id,
            completeness=self.completeness,
            vms=self.vms,
            absent=self.absent,
            held=self.held,
            doubts=self.doubts,
        )


def report_of(stamp: Stamp, account: Account, digest: str) -> HostReport:
    """The report with this stamp and this account."""
    return HostReport(
        host=stamp.host,
        epoch=stamp.epoch,
        sequence=stamp.sequence,
        boot_id=account.boot_id,
        completeness=account.completeness,
        vms=account.vms,
        absent=account.absent,
        held=account.held,
        doubts=account.doubts,
        asked_after=stamp.asked_after,
        digest=digest,
    )


def digest_of(account: bytes | memoryview) -> str:
    """By which one knows an account as it was sent before: 32 hex digits, for which nobody finds
    another account. What a host says holds words of its guests' owners."""
    return hashlib.sha256(account).hexdigest()[:32]
