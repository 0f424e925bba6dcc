"""Hosts, clusters and the fleet, as recorded."""

from typing import Literal

import msgspec

from vmuster.model.ids import ClusterName, FleetId, HostId, HostUuid, KeyId
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth, HostMode


class LocalProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="local"):
    """The hypervisor on the server's own machine: `system` (root's) or `session` (this user's)."""

    scope: Literal["system", "session"] = "system"


class LoopbackProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="loopback"):
    """A session daemon on a TCP port of 127.0.0.1, in plain text: for demos and tests only."""

    port: int


class SimulatedProfile(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="simulated"
):
    """A hypervisor of the simulated driver, found by its name in this process."""

    name: str


Profile = LocalProfile | LoopbackProfile | SimulatedProfile
"""How a host is reached. A profile is all a user can say: never a URI (T08)."""


class HostFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a hypervisor says of its host. `boot_id` changes when the host reboots."""

    uuid: HostUuid
    boot_id: str
    hypervisor: str
    version: str
    hostname: str


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host record. `(epoch, sequence)` is the stamp of the last report that was applied.

    `vms_seen` is how many VMs the last COMPLETE report named; `digest` is that report's digest.
    `trouble` says in words why the host's account is missing or doubtful; empty when all is well.
    """

    id: HostId
    name: str
    cluster: ClusterName
    profile: Profile
    mode: HostMode
    added_at: float
    uuid: HostUuid | None = None
    facts: HostFacts | None = None
    health: HostHealth = HostHealth.SUSPECT
    epoch: int = 0
    sequence: int = 0
    digest: str = ""
    vms_seen: int = 0
    last_report_at: float | None = None
    last_complete_at: float | None = None
    trouble: str = ""
    version: int = 0


class NameGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A person's leave to stop, in one cluster, VMs that bear a name of ours and no mark.

    Signed by the server over `grant_bytes`; withdrawn by the cluster no longer carrying it.
    """

    id: str
    cluster: ClusterName
    fleet: FleetId
    instance: str
    granted_by: str
    granted_at: float
    key: KeyId
    signature: bytes


def grant_bytes(grant: NameGrant) -> bytes:
    """The bytes under a grant's signature: every field but the signature, length-prefixed."""
    fields = (
        grant.id,
        grant.cluster,
        str(grant.fleet),
        grant.instance,
        grant.granted_by,
        repr(grant.granted_at),
        str(grant.key),
    )
    encoded = [field.encode("utf-8", "surrogatepass") for field in fields]
    return b"vmuster-grant-1\0" + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A set of hosts under one policy."""

    name: ClusterName
    policy: Policy
    created_at: float
    grant: NameGrant | None = None
    version: int = 0


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """This installation. `instance` is the last part of every name we give (default `VM`).

    `intake` is a high-water of the intake counter, raised in blocks, so that numbers never repeat.
    """

    id: FleetId
    instance: str
    created_at: float
    key: KeyId
    public_keys: dict[str, bytes]
    intake: int = 0
    version: int = 0
