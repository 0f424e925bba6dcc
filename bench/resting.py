"""Hosts and VMs of ours at rest, as rows: the core would write nothing more about them.

What a pass remembers of such a VM is asked of the core, once, and is a pattern for all others.
"""

from typing import Final
from uuid import UUID

import msgspec

from bench import reports
from vmuster.model.host import Fleet, Host, HostFacts, SimulatedProfile
from vmuster.model.ids import HostId, HostUuid, KeyId, VmUuid
from vmuster.model.mark import MarkJudgement, RawMark, write_mark
from vmuster.model.names import VmKind
from vmuster.model.policy import Policy
from vmuster.model.states import (
    DesiredState,
    HostHealth,
    HostMode,
    MarkVerdict,
    PowerReason,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.recorded import Recorded
from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.server.secrets.signing import Signer

EPOCH: Final = 1
MANY: Final = 100_000
POLICY: Final = Policy(
    seen_before_stop=1,  # what was seen once was seen often enough: one account brings rest
    stops_per_pass_max=MANY,
    starts_per_pass_max=MANY,
    stops_per_window_max=MANY,
    starts_per_window_max=MANY,
    cluster_stops_per_window_max=MANY,
    cluster_starts_per_window_max=MANY,
    suspect_after_seconds=604_800.0,
    unreachable_after_seconds=604_800.0,
    steady_seconds=0.0,
    quiet_seconds=0.0,
)
"""Budgets that never bind, and no silence: neither is what is measured."""


def signer() -> Signer:
    """The key of every fleet here; it signs nothing else."""
    return Signer(KeyId(UUID(int=1)), b"vmuster bench: a key for no one.")


def host_id(number: int) -> HostId:
    """The id, and the name, of a host."""
    return HostId(f"h{number:05}")


def host_uuid(number: int) -> HostUuid:
    """What the hypervisor of a host calls it."""
    return HostUuid(UUID(int=number + 1))


def facts(number: int) -> HostFacts:
    """What the hypervisor of a host says of it."""
    return HostFacts(
        uuid=host_uuid(number),
        boot_id=reports.BOOT,
        hypervisor="QEMU",
        version="9.0.0",
        hostname=host_id(number),
    )


def host_row(number: int, vms: int, now: float) -> Host:
    """A host that is up and managed, and has named so many VMs."""
    return Host(
        id=host_id(number),
        name=host_id(number),
        cluster=DEFAULT_CLUSTER,
        profile=SimulatedProfile(name=host_id(number)),
        mode=HostMode.MANAGE,
        added_at=now,
        uuid=host_uuid(number),
        facts=facts(number),
        health=HostHealth.UP,
        epoch=EPOCH,
        sequence=1,
        vms_seen=vms,
        last_report_at=now,
        last_complete_at=now,
        health_at=now,
        well_since=now,
    )


def like(
    pattern: tuple[VmRecord, Sighting], host: HostId, uuid: VmUuid, name: str, mark: RawMark
) -> tuple[VmRecord, Sighting]:
    """The rows of one more VM."""
    record, sighting = pattern
    return (
        msgspec.structs.replace(record, uuid=uuid, name=name, label=name, host=host),
        msgspec.structs.replace(sighting, host=host, uuid=uuid, name=name, raw_mark=mark),
    )


def shown(sighting: Sighting) -> VmObservation:
    """The VM as its host shows it."""
    return VmObservation(
        uuid=sighting.uuid,
        name=sighting.name,
        power=sighting.power,
        reason=sighting.reason,
        mark=sighting.raw_mark,
    )


def at_rest(power: PowerState, fleet: Fleet, now: float) -> tuple[VmRecord, Sighting]:
    """A VM of ours, and what a pass remembers of it, once there is nothing new to say."""
    running = power is PowerState.RUNNING
    host = host_row(0, 1, now)
    mark = write_mark(signer().mark(fleet.id, VmUuid(UUID(int=1)), 1))
    record = VmRecord(
        uuid=VmUuid(UUID(int=1)),
        name="i-2-0-VM",
        label="i-2-0-VM",
        kind=VmKind.USER,
        cluster=DEFAULT_CLUSTER,
        host=host.id,
        desired=DesiredState.RUNNING if running else DesiredState.STOPPED,
        phase=VmPhase.RUNNING if running else VmPhase.STOPPED,
        power=power,
        reason=PowerReason.HAND,
        generation=1,
        mark_generation=1,
        protected=False,
        created_at=now,
        changed_at=now,
        seen_at=now,
        boot_id=reports.BOOT,
    )
    seen = VmObservation(
        uuid=record.uuid, name=record.name, power=power, reason=record.reason, mark=mark
    )
    report = reports.report_in(reports.whole(host.id, EPOCH, (seen,), sequence=2))
    recorded = Recorded(
        host=host,
        instance=fleet.instance,
        records={record.uuid: record},
        here={},
        elsewhere={},
        named={record.name: record},
        numbered={},
        marks={record.uuid: MarkJudgement(verdict=MarkVerdict.OURS, generation=1)},
        operations={},
        orphans=0,
        grant=None,
        intake=1,
        high_water=1,
    )
    plan = reconcile(recorded, report, POLICY, now)
    for transition in plan.transitions:
        record = transition.after or record
    return record, plan.sightings[0]
