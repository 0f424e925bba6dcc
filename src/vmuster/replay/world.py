"""Records and sightings carried from pass to pass, in memory; one cluster, one fleet."""

import itertools
from uuid import UUID

from vmuster.model.host import Host, NameGrant, SimulatedProfile
from vmuster.model.ids import ClusterName, FleetId, HostId, KeyId, VmUuid
from vmuster.model.mark import MarkJudgement, RawMark
from vmuster.model.names import number_in
from vmuster.model.plan import Plan, Transition
from vmuster.model.policy import FleetPolicy
from vmuster.model.states import (
    DesiredState,
    MarkVerdict,
    PowerReason,
    PowerState,
    Standing,
    UnknownVms,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.reconcile.recorded import Recorded
from vmuster.replay.cases import Case, CaseRecord, CaseVm

CLUSTER = ClusterName("replay")
UNBOUNDED = FleetPolicy(stops_per_window_max=2**31, starts_per_window_max=2**31)
"""No other budget than the one that a case names."""
_NIL = UUID(int=0)
_PHASES = {
    DesiredState.RUNNING: VmPhase.RUNNING,
    DesiredState.STOPPED: VmPhase.STOPPED,
    DesiredState.ABSENT: VmPhase.DELETING,
}
_REASONS = {PowerState.STOPPED: PowerReason.HAND}
"""`stopped` counts as witnessed."""


class World:
    """What is known between the passes of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.hosts: dict[HostId, Host] = {}
        self.records = {VmUuid(r.uuid): _record(r) for r in case.records}
        self.sightings: dict[tuple[HostId, VmUuid], Sighting] = {}
        self.intakes = itertools.count(1)
        self.intake = 0

    def host(self, host: HostId) -> Host:
        """The host's record, made when it is first heard of."""
        if host not in self.hosts:
            self.hosts[host] = Host(
                id=host,
                name=host,
                cluster=CLUSTER,
                profile=SimulatedProfile(name=host),
                mode=self.case.policy.mode,
                added_at=0.0,
                sequence=-1,
            )
        return self.hosts[host]

    def recorded(self, host: Host, vms: dict[VmUuid, CaseVm]) -> Recorded:
        """Everything one pass is given to know."""
        self.intake = next(self.intakes)
        elsewhere: dict[VmUuid, list[Sighting]] = {}
        for (where, uuid), sighting in self.sightings.items():
            if where != host.id:
                elsewhere.setdefault(uuid, []).append(sighting)
        by_name = self.case.policy.unknown_vms is UnknownVms.STOP_BY_NAME
        return Recorded(
            host=host,
            instance=self.case.fleet.instance,
            records=self.records,
            here={u: s for (where, u), s in self.sightings.items() if where == host.id},
            elsewhere={uuid: tuple(found) for uuid, found in elsewhere.items()},
            named={r.name: r for r in self.records.values() if r.live},
            numbered={number_in(r.name): r for r in self.records.values() if r.live},
            marks={uuid: judged(vm, self.records.get(uuid)) for uuid, vm in vms.items()},
            operations={},
            orphans=sum(
                s.standing is Standing.ORPHAN and not s.absent for s in self.sightings.values()
            ),
            grant=_grant(self.case.fleet.instance) if by_name else None,
            intake=self.intake,
            fleet_policy=UNBOUNDED,
            high_water=2**63,
        )

    def apply(self, plan: Plan) -> tuple[Transition, ...]:
        """Carry the plan's changes over to the next pass; returns its transitions."""
        if plan.host_after is not None:
            self.hosts[plan.host.id] = plan.host_after
        for transition in plan.transitions:
            if transition.after is None:
                del self.records[transition.before.uuid]
            else:
                self.records[transition.before.uuid] = transition.after
        for sighting in plan.sightings:
            self.sightings[sighting.host, sighting.uuid] = sighting
        for uuid in plan.gone:
            self.sightings.pop((plan.host.id, uuid), None)
        return plan.transitions


def observation(vm: CaseVm) -> VmObservation:
    """A VM of a case as a driver would show it."""
    return VmObservation(
        uuid=VmUuid(vm.uuid),
        name=vm.name,
        power=vm.power,
        reason=_REASONS.get(vm.power, PowerReason.UNKNOWN),
        mark=None if vm.mark is MarkVerdict.NONE else RawMark(vm=str(vm.uuid)),
    )


def judged(vm: CaseVm, record: VmRecord | None) -> MarkJudgement:
    """The mark's word as a judgement; `ours` is as old as the record, or as its tombstone."""
    generation = record.mark_generation if record is not None else 1
    return MarkJudgement(verdict=vm.mark, generation=generation)


def _record(record: CaseRecord) -> VmRecord:
    return VmRecord(
        uuid=VmUuid(record.uuid),
        name=record.name,
        label=record.name,
        kind=record.kind,
        cluster=CLUSTER,
        host=None if record.host is None else HostId(record.host),
        desired=record.desired,
        phase=record.phase or _PHASES[record.desired],
        power=PowerState.UNKNOWN,
        reason=PowerReason.UNKNOWN,
        generation=1,
        mark_generation=1,
        protected=False,
        created_at=0.0,
        changed_at=0.0,
        seen_at=0.0,
        removed_at=0.0 if record.removed else None,
    )


def _grant(instance: str) -> NameGrant:
    """The grant that `stop-by-name` in a case stands for: its author's word."""
    return NameGrant(
        id="replay",
        cluster=CLUSTER,
        fleet=FleetId(_NIL),
        instance=instance,
        granted_by="replay",
        granted_at=0.0,
        key=KeyId(_NIL),
        signature=b"",
    )
