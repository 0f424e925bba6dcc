"""A host's account of its VMs."""

import hashlib

import msgspec

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation


class HostReport(msgspec.Struct, frozen=True, kw_only=True):
    """One host's account. `(epoch, sequence)` orders the reports of one host (L7).

    `completeness` COMPLETE: `vms` names every VM of the host. PARTIAL: positive facts only, and
    `doubts` says in words why it is no more. `absent` lists VMs of which the hypervisor said "no
    such domain" and a witness said that no process holds them. `asked_after` is the highest
    intake number the agent knew when its look began (see `Sighting`).
    """

    host: HostId
    epoch: int
    sequence: int
    boot_id: str
    completeness: Completeness
    vms: tuple[VmObservation, ...]
    absent: tuple[VmUuid, ...] = ()
    doubts: tuple[str, ...] = ()
    asked_after: int = 0
    digest: str = ""


def digest_of(vms: tuple[VmObservation, ...]) -> str:
    """A digest of what a COMPLETE report says, in any order of its VMs; 32 hex digits."""
    parts = sorted(msgspec.json.encode(vm) for vm in vms)
    return hashlib.blake2b(b"\n".join(parts), digest_size=16).hexdigest()
