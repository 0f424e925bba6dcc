"""What a plan sends and changes is what its decisions carry."""

from uuid import UUID

from vmuster.model.commands import MarkVm
from vmuster.model.host import Host, LocalProfile
from vmuster.model.ids import ClusterName, CommandId, FleetId, HostId, KeyId, OperationId, VmUuid
from vmuster.model.mark import OwnershipMark
from vmuster.model.names import VmKind
from vmuster.model.plan import Decision, Plan, Transition
from vmuster.model.states import DesiredState, Finding, HostMode, PowerReason, PowerState, VmPhase
from vmuster.model.vm import VmRecord

VM = VmUuid(UUID(int=1))
HOST = Host(
    id=HostId("h1"),
    name="h1",
    cluster=ClusterName("c"),
    profile=LocalProfile(),
    mode=HostMode.MANAGE,
    added_at=0.0,
)
RECORD = VmRecord(
    uuid=VM,
    name="i-2-5-VM",
    label="i-2-5-VM",
    kind=VmKind.USER,
    cluster=ClusterName("c"),
    host=HOST.id,
    desired=DesiredState.RUNNING,
    phase=VmPhase.RUNNING,
    power=PowerState.RUNNING,
    reason=PowerReason.UNKNOWN,
    generation=1,
    mark_generation=1,
    protected=False,
    created_at=0.0,
    changed_at=0.0,
    seen_at=0.0,
)
COMMAND = MarkVm(
    id=CommandId(UUID(int=2)),
    operation=OperationId(UUID(int=3)),
    host=HOST.id,
    epoch=1,
    vm=VM,
    name=RECORD.name,
    actor="ann",
    automatic=False,
    issued_at=0.0,
    valid_seconds=60.0,
    mark=OwnershipMark(
        fleet=FleetId(UUID(int=4)), vm=VM, generation=1, key=KeyId(UUID(int=5)), signature=b""
    ),
    replaces=None,
)


def decision(transition: Transition | None = None, command: MarkVm | None = None) -> Decision:
    return Decision(
        uuid=VM,
        name=RECORD.name,
        standing=None,
        finding=Finding.IN_SYNC,
        rule="test",
        why="test",
        transition=transition,
        command=command,
    )


def test_a_plan_sums_up_its_decisions() -> None:
    change = Transition(before=RECORD, after=None)
    plan = Plan(
        host=HOST,
        decisions=(decision(), decision(transition=change), decision(command=COMMAND)),
    )
    assert plan.transitions == (change,)
    assert plan.commands == (COMMAND,)


def test_held_commands_are_not_sent() -> None:
    plan = Plan(host=HOST, decisions=(decision(),), held="over budget", held_commands=(COMMAND,))
    assert plan.commands == ()
