"""The parts of worlds: one value of each kind, all of one VM of ours that runs at home."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.automation import HeldAct, HeldPlan
from vmuster.model.host import Host, NameGrant, SimulatedProfile
from vmuster.model.ids import ClusterName, FleetId, HostId, KeyId, OperationId, PlanId, VmUuid
from vmuster.model.mark import MarkJudgement, RawMark
from vmuster.model.names import VmKind
from vmuster.model.operations import Operation
from vmuster.model.states import (
    DesiredState,
    Finding,
    HostMode,
    MarkVerdict,
    OperationKind,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmObservation, VmRecord

HOST: Final = HostId("home")
OTHER: Final = HostId("other")
CLUSTER: Final = ClusterName("cluster")
FLEET: Final = FleetId(UUID(int=0xF1EE7))
KEY: Final = KeyId(UUID(int=0x6E7))
VM: Final = VmUuid(UUID(int=1))
NAME: Final = "i-2-78-VM"
NOW: Final = 1_000_000.0
INTAKE: Final = 100
OURS: Final = MarkJudgement(verdict=MarkVerdict.OURS, generation=1)
MARK: Final = RawMark(fleet=str(FLEET), vm=str(VM), generation="1", key=str(KEY), signature="00")


def host(mode: HostMode = HostMode.MANAGE) -> Host:
    return Host(
        id=HOST,
        name=HOST,
        cluster=CLUSTER,
        profile=SimulatedProfile(name=HOST),
        mode=mode,
        added_at=0.0,
        epoch=1,
        sequence=9,
    )


def record(**changes: object) -> VmRecord:
    running = VmRecord(
        uuid=VM,
        name=NAME,
        label=NAME,
        kind=VmKind.USER,
        cluster=CLUSTER,
        host=HOST,
        desired=DesiredState.RUNNING,
        phase=VmPhase.RUNNING,
        power=PowerState.RUNNING,
        reason=PowerReason.UNKNOWN,
        generation=3,
        mark_generation=1,
        protected=False,
        created_at=0.0,
        changed_at=0.0,
        seen_at=0.0,
        boot_id="boot-1",
    )
    return msgspec.structs.replace(running, **changes)


def sighting(**changes: object) -> Sighting:
    active = Sighting(
        host=HOST,
        uuid=VM,
        name=NAME,
        power=PowerState.RUNNING,
        reason=PowerReason.UNKNOWN,
        mark=MarkVerdict.OURS,
        standing=Standing.OWNED,
        finding=Finding.IN_SYNC,
        why="it runs, as asked",
        complete_reports=2,
        taken_in=50,
        asked_after=49,
        active_since=50,
        first_seen_at=1.0,
        last_seen_at=2.0,
        raw_mark=MARK,
    )
    return msgspec.structs.replace(active, **changes)


def copy_elsewhere(**changes: object) -> Sighting:
    """A sighting of the same VM, with a good mark, on the other host; looked at after ours."""
    return sighting(**({"host": OTHER, "taken_in": 90, "asked_after": 89} | changes))


def observation(**changes: object) -> VmObservation:
    runs = VmObservation(uuid=VM, name=NAME, power=PowerState.RUNNING, mark=MARK)
    return msgspec.structs.replace(runs, **changes)


def operation(kind: OperationKind, **changes: object) -> Operation:
    wish = Operation(
        id=OperationId(UUID(int=77)),
        kind=kind,
        vm=VM,
        name=NAME,
        host=HOST,
        actor="ann",
        created_at=NOW - 1,
        deadline_at=NOW + 300,
    )
    return msgspec.structs.replace(wish, **changes)


def held(kinds: Sequence[OperationKind], *, rule: str = "a rule", **changes: object) -> HeldPlan:
    """A held plan of the host: these acts on the VM, each by `rule`."""
    acts = tuple(HeldAct(vm=VM, name=NAME, act=kind, rule=rule, why="why") for kind in kinds)
    plan = HeldPlan(
        host=HOST,
        id=PlanId(UUID(int=0x91A2)),
        cluster=CLUSTER,
        why="12 automatic stops in one pass",
        acts=acts,
        held_at=NOW - 60,
        by="ann",
    )
    return msgspec.structs.replace(plan, **changes)


def grant() -> NameGrant:
    return NameGrant(
        id="grant-1",
        cluster=CLUSTER,
        fleet=FLEET,
        instance="VM",
        granted_by="ann",
        granted_at=1.0,
        key=KEY,
        signature=b"s",
    )
