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


class HostReport(msgspec.Struct, frozen=True, kw_only=True):
    """One host's account. `(epoch, sequence)` orders the reports of one host (L7).

    `completeness` COMPLETE: `vms` and `held` name every VM of the host. PARTIAL: positive facts
    only. `doubts` says in words why it is no more, or what is strange in it. `absent` lists VMs of
    which the hypervisor said "no such domain" and a witness said that no process holds them;
    `held` those of which the witness said that one does: they run, unseen. `asked_after` is the
    highest intake number the agent knew when its look began (see `Sighting`).
    """

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


def digest_of(vms: tuple[VmObservation, ...]) -> str:
    """A digest of what a COMPLETE report says, in any order of its VMs; 32 hex digits."""
    parts = sorted(msgspec.json.encode(vm) for vm in vms)
    return hashlib.blake2b(b"\n".join(parts), digest_size=16).hexdigest()
