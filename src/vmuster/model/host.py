"""Hosts, clusters and the fleet, as recorded."""

from typing import Annotated, Literal

import msgspec

from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.ids import ClusterName, FleetId, HostId, HostUuid, KeyId
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import HostHealth, HostMode
from vmuster.model.text import NAME_CHARACTERS_MAX


class LocalProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="local"):
    """The hypervisor on the server's own machine: `system` (root's) or `session` (this user's)."""

    scope: Literal["system", "session"] = "system"


class LoopbackProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="loopback"):
    """A session daemon on a TCP port of 127.0.0.1, in plain text: for demos and tests only."""

    port: int


class SshProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="ssh"):
    """A hypervisor reached over ssh.

    `host_key`: the one public key that this host may show, as in a known_hosts file ("type
    base64"). `credential`: the name of a stored private key; empty for the keys and the agent of
    the user that the server runs as.
    """

    address: str
    host_key: str
    port: int = 22
    user: str = "root"
    scope: Literal["system", "session"] = "system"
    credential: str = ""


class TlsProfile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="tls"):
    """A hypervisor reached over mutual TLS. `credential`: the name of a stored set of
    certificates; empty for the ones that libvirt finds on the server's machine."""

    address: str
    port: int = 16514
    scope: Literal["system", "session"] = "system"
    credential: str = ""


class SimulatedProfile(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="simulated"
):
    """A hypervisor of the simulated driver, found by its name in this process."""

    name: str


Profile = LocalProfile | LoopbackProfile | SshProfile | TlsProfile | SimulatedProfile
"""How a host is reached. A profile is all a user can say: never a URI (T08)."""


Fact = Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS_MAX)]
"""What a hypervisor says of itself or its host: bounded, since some of it is kept with every VM."""


class HostFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a hypervisor says of its host. `boot_id` changes when the host reboots."""

    uuid: HostUuid
    boot_id: Fact
    hypervisor: Fact
    version: Fact
    hostname: Fact


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host record. `(epoch, sequence)` is the stamp of the last report that was applied.

    `vms_seen` is how many VMs the last COMPLETE report named; `digest` is that report's digest.
    `trouble` says in words why the host's account is missing or doubtful; empty when all is well.
    `health_at`: when `health` last changed; `flaps`: how often it came back since it last was well
    for long; `well_since`: since when it is well without a break, None while it is not (for all
    three see `reconcile/silence.py`). `claims`: the uuid with which a host that was refused
    introduced itself; `accepted`: the one that a person accepted for this host.
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
    health_at: float = 0.0
    flaps: int = 0
    well_since: float | None = None
    claims: HostUuid | None = None
    accepted: HostUuid | None = None
    disarmed: Disarmed | None = None
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
    disarmed: Disarmed | None = None
    version: int = 0


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """This installation. `instance` is the last part of every name we give (default `VM`).

    `intake` is a high-water of the intake counter, raised in blocks, so that numbers never repeat.
    `trusted`: the number at which a person last left a quarantine: what is not above it may be of
    the time that this database forgot, and is no evidence against it any more (0: there was none).
    `key` is the key that signs; `public_keys` holds the earlier ones too, whose marks stay good.
    """

    id: FleetId
    instance: str
    created_at: float
    key: KeyId
    public_keys: dict[str, bytes]
    intake: int = 0
    trusted: int = 0
    policy: FleetPolicy = FleetPolicy()
    disarmed: Disarmed | None = None
    quarantine: Quarantine | None = None
    version: int = 0
