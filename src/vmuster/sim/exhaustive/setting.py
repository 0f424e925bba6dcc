"""What never changes in the small world: the fleet, its hosts, the two VMs, the policy.

The policy is the one that lets automation do the most: what it does not break, a tamer one does
not either. Waits are none, so that no clock is needed: what time may bring about (a deadline) is a
move of its own.
"""

from typing import Final
from uuid import UUID

from vmuster.model.host import Cluster, Fleet, Host, NameGrant, SimulatedProfile
from vmuster.model.ids import ClusterName, FleetId, HostId, KeyId, VmUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.messages import Settings
from vmuster.model.names import VmKind
from vmuster.model.policy import Policy
from vmuster.model.states import (
    DesiredState,
    Drift,
    HostHealth,
    HostMode,
    PowerReason,
    PowerState,
    Restart,
    UnknownVms,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.server.secrets.signing import Signer

NOW: Final = 1_000_000.0
PATIENCE_SECONDS: Final = 300.0
EPOCH: Final = 10
"""Of the connections that stand; an earlier one's is below it."""
SEQUENCE: Final = 10
"""Of the last report that was applied."""

HOSTS: Final = (HostId("a"), HostId("b"))
OURS: Final = VmUuid(UUID(int=1))
STRANGER: Final = VmUuid(UUID(int=2))
OUR_NAME: Final = "i-2-78-VM"
THEIR_NAMES: Final = {True: "i-9-99-VM", False: "web-01"}
"""By whether it is one that we would give."""

_FLEET_ID: Final = FleetId(UUID(int=0xF1EE7))
_KEY: Final = KeyId(UUID(int=0x6E7))
_CLUSTER: Final = ClusterName("cluster")
_SIGNER: Final = Signer(_KEY, bytes(range(32)))
MARK: Final[RawMark] = write_mark(_SIGNER.mark(_FLEET_ID, OURS, 1))
"""The mark that our VM bears, good for it and for no other."""

POLICY: Final = Policy(
    unknown_vms=UnknownVms.STOP_BY_NAME,
    drift=Drift.ENFORCE,
    restart=Restart.ALWAYS,
    seen_before_stop=1,
    restart_tries_max=1,
    restart_backoff_seconds=0.0,
    operation_seconds=PATIENCE_SECONDS,
)

FLEET: Final = Fleet(
    id=_FLEET_ID,
    instance="VM",
    created_at=NOW,
    key=_KEY,
    public_keys={str(_KEY): _SIGNER.public},
    intake=1_000,
)
_GRANT: Final = _SIGNER.grant(
    NameGrant(
        id="grant",
        cluster=_CLUSTER,
        fleet=_FLEET_ID,
        instance="VM",
        granted_by="ann",
        granted_at=NOW,
        key=_KEY,
        signature=b"",
    )
)
CLUSTER: Final = Cluster(name=_CLUSTER, policy=POLICY, created_at=NOW, grant=_GRANT)

HOST_ROWS: Final = tuple(
    Host(
        id=host,
        name=host,
        cluster=_CLUSTER,
        profile=SimulatedProfile(name=host),
        mode=HostMode.MANAGE,
        added_at=NOW,
        health=HostHealth.UP,
        epoch=EPOCH,
        sequence=SEQUENCE,
        well_since=NOW,
    )
    for host in HOSTS
)
SETTINGS: Final = tuple(
    Settings(
        host=host,
        fleet=_FLEET_ID,
        instance="VM",
        public_keys=FLEET.public_keys,
        mode=HostMode.MANAGE,
        grants=(_GRANT,),
        report_seconds=POLICY.report_seconds,
    )
    for host in HOSTS
)

RECORD: Final = VmRecord(
    uuid=OURS,
    name=OUR_NAME,
    label=OUR_NAME,
    kind=VmKind.USER,
    cluster=_CLUSTER,
    host=HOSTS[0],
    desired=DesiredState.RUNNING,
    phase=VmPhase.RUNNING,
    power=PowerState.RUNNING,
    reason=PowerReason.UNKNOWN,
    generation=1,
    mark_generation=1,
    protected=False,
    created_at=NOW,
    changed_at=NOW,
    seen_at=NOW,
    boot_id="boot",
)
"""Our VM, adopted, as it was last seen: it runs on the first host."""
