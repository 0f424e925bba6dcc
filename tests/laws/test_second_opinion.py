"""The second opinion catches each broken law by itself, whatever the other layers let through.

Each case is a decision that all laws allow, but for one thing.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from uuid import UUID

import msgspec
import pytest

from tests.parts import NOW, OTHER, VM, copy_elsewhere, held, operation, record
from tests.worlds import World, but, ghost, lookalike, owned, owned_stopped
from vmuster.model.automation import HoldState
from vmuster.model.commands import Command, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import VmUuid
from vmuster.model.mark import MarkJudgement
from vmuster.model.plan import Decision, Transition
from vmuster.model.states import DesiredState as Desired
from vmuster.model.states import Drift, HostMode, MarkVerdict, PowerState, Standing, VmPhase
from vmuster.model.states import OperationKind as Kind
from vmuster.model.vm import Sighting
from vmuster.reconcile import laws
from vmuster.reconcile.laws import violations

ANOTHER = VmUuid(UUID(int=99))
ENFORCE = {"drift": Drift.ENFORCE}
STOPPING = but(owned(), record={"desired": Desired.STOPPED}, policy=ENFORCE)
STARTING = but(owned_stopped(), policy=ENFORCE)


def decided(world: World) -> Decision:
    """What the heart itself decides, commands and all: no law stands against it."""
    decision = world.decision()
    assert violations([decision], world.recorded, world.report, world.policy, NOW) == {}
    return decision


def with_command(world: World, command: Callable[[Command], Command]) -> Decision:
    decision = decided(world)
    assert decision.command is not None
    return msgspec.structs.replace(decision, command=command(decision.command))


def with_transition(**after: object) -> Decision:
    before = record()
    change = Transition(before=before, after=msgspec.structs.replace(before, **after))
    return msgspec.structs.replace(decided(owned()), transition=change)


def other_proof(command: Command) -> Command:
    assert isinstance(command, StopVm)
    return msgspec.structs.replace(
        command, proof=msgspec.structs.replace(command.proof, vm=ANOTHER)
    )


def other_clearance(command: Command) -> Command:
    assert isinstance(command, StartVm)
    clearance = msgspec.structs.replace(command.clearance, vm=ANOTHER)
    return msgspec.structs.replace(command, clearance=clearance)


def to_other_host(command: Command) -> Command:
    return msgspec.structs.replace(command, host=OTHER)


def unmark(command: Command) -> Command:
    """An act that no budget counts, and that is nobody's wish."""
    assert isinstance(command, StopVm)
    order = {f: getattr(command, f) for f in UnmarkVm.__struct_fields__ if f != "proof"}
    return UnmarkVm(**order, proof=command.proof)


def overdrawn(world: World, act: str) -> Iterator[World]:
    """`world` with one budget after another overdrawn by its one act."""
    yield but(world, policy={f"{act}s_per_pass_max": 0})
    yield but(world, policy={f"{act}s_per_window_max": 3}, spent={f"host_{act}s": 3})
    yield but(world, policy={f"cluster_{act}s_per_window_max": 3}, spent={f"cluster_{act}s": 3})
    yield but(world, fleet_policy={f"{act}s_per_window_max": 3}, spent={f"fleet_{act}s": 3})


def bad(verdict: MarkVerdict) -> MarkJudgement:
    return MarkJudgement(verdict=verdict, generation=1)


Case = tuple[Decision, World]
stop, stop_ghost, start = decided(STOPPING), decided(ghost()), decided(STARTING)
stop_named = decided(lookalike())
STOP_ASKED = but(owned(), operation=operation(Kind.STOP))
stop_asked = decided(STOP_ASKED)
ACTS = [(stop, STOPPING), (stop_ghost, ghost()), (start, STARTING)]
OVERDRAWN = [
    (stop, list(overdrawn(STOPPING, "stop"))),
    (start, list(overdrawn(STARTING, "start"))),
]
CASES: dict[str, list[Case]] = {
    "L1: a command for another host": [(with_command(STOPPING, to_other_host), STOPPING)],
    "L1: a command on a host in observe": [
        (stop, but(STOPPING, host={"mode": HostMode.OBSERVE})),
    ],
    "L1: a command about a VM that is not there": [(stop, but(STOPPING, seen=None))],
    "L1: a command about a VM whose mark is not ours": [
        (decision, but(world, mark=bad(verdict)))
        for decision, world in ((stop, STOPPING), (start, STARTING), (stop_ghost, ghost()))
        for verdict in (MarkVerdict.FOREIGN, MarkVerdict.COPIED, MarkVerdict.FORGED)
    ],
    "L8: an automatic act on a host that is not in manage": [
        (stop, but(STOPPING, host={"mode": mode}))
        for mode in (HostMode.CORDONED, HostMode.MAINTENANCE)
    ],
    "L8: an automatic act while nothing may be done automatically": [
        (decision, but(world, idle="the whole fleet is disarmed")) for decision, world in ACTS
    ],
    "L8: an automatic act that a person has not approved": [
        (decision, but(world, hold=held([kind], state=state)))
        for (decision, world), kind in zip(ACTS, (Kind.STOP, Kind.STOP, Kind.START), strict=True)
        for state in (HoldState.HELD, HoldState.REJECTED)
    ],
    "L8: an automatic act beyond a budget": [
        *((decision, world) for decision, worlds in OVERDRAWN for world in worlds),
        (with_command(STOPPING, unmark), STOPPING),
        *(
            (stop, but(STOPPING, policy=ENFORCE | {"stops_per_pass_max": 0}, hold=hold))
            for hold in (
                held([Kind.STOP], state=HoldState.APPROVED, expires_at=NOW),
                held([Kind.STOP], state=HoldState.APPROVED),
                held([Kind.START], state=HoldState.APPROVED, expires_at=NOW + 1),
                held([Kind.STOP], state=HoldState.APPROVED, expires_at=NOW + 1),
            )
        ),
    ],
    "L9: a command of a database that is older than its hosts": [
        (decision, but(world, quarantined="a mark is newer"))
        for decision, world in (*ACTS, (stop_asked, STOP_ASKED))
    ],
    "L1: the proof is of another VM or host": [(with_command(STOPPING, other_proof), STOPPING)],
    "L1: a name is no proof for a VM with a record or a mark": [
        (stop_named, but(lookalike(), record=record())),
        (stop_named, but(lookalike(), mark=bad(MarkVerdict.OURS))),
        (stop_named, but(lookalike(), grant=None)),
    ],
    "L1: no good mark and record stand behind the proof": [
        (stop, but(STOPPING, mark=bad(MarkVerdict.NONE))),
        (stop, but(STOPPING, record=None)),
    ],
    "L1: the mark is newer than what we know": [
        (decision, but(world, mark={"generation": 2}))
        for decision, world in ((stop, STOPPING), (stop_ghost, ghost()))
    ],
    "L1: a tombstone stands for a record, or a record for a tombstone": [
        (stop, but(STOPPING, record={"removed_at": 5.0})),
        (stop_ghost, but(ghost(), record={"removed_at": None})),
    ],
    "L1: its record says that it lives elsewhere": [(stop, but(STOPPING, record={"host": OTHER}))],
    "L1: which of two running copies is ours is for a person to say": [
        (stop, but(STOPPING, elsewhere=(copy_elsewhere(),))),
        (
            stop,
            but(STOPPING, elsewhere=(copy_elsewhere(absent=True, standing=Standing.DUPLICATE),)),
        ),
    ],
    "L2: a start of a VM that may be running": [
        *(
            (start, but(STARTING, seen={"power": power}))
            for power in (PowerState.RUNNING, PowerState.PAUSED, PowerState.UNKNOWN)
        ),
        (start, but(STARTING, elsewhere=(copy_elsewhere(mark=MarkVerdict.NONE),))),
        (start, but(STARTING, elsewhere=(copy_elsewhere(absent=True),))),
        (start, but(STARTING, elsewhere=(copy_elsewhere(power=PowerState.UNKNOWN),))),
    ],
    "L2: the clearance is of another VM": [(with_command(STARTING, other_clearance), STARTING)],
    "L9: a start of a VM that has no live record": [
        (start, but(STARTING, record=None)),
        (start, but(STARTING, record={"removed_at": 5.0})),
    ],
    "L9: a record changes its identity": [(with_transition(uuid=ANOTHER), owned())],
    "L6: a VM that was not seen stopped is recorded as stopped": [
        (with_transition(phase=phase), but(owned(), seen={"power": power}))
        for phase in (VmPhase.STOPPED, VmPhase.MISSING)
        for power in (PowerState.RUNNING, PowerState.UNKNOWN)
    ],
    "L5: a generation goes backwards": [(with_transition(generation=2), owned())],
}


def written_laws() -> Iterator[str]:
    """Every law that the module can name, read from its source."""
    for node in ast.walk(ast.parse(inspect.getsource(laws))):
        if isinstance(node, ast.Yield) and node.value is not None:
            *_, words = node.value.elts if isinstance(node.value, ast.Tuple) else (node.value,)
            assert isinstance(words, ast.Constant)
            yield str(words.value)


@pytest.mark.parametrize("law", sorted(written_laws()))
def test_every_law_is_broken_by_something(law: str) -> None:
    assert CASES.get(law), "a law needs a decision that breaks it and no other"


@pytest.mark.parametrize(
    ("law", "case"), [(law, case) for law, cases in CASES.items() for case in cases]
)
def test_each_law_catches_its_breach_alone(law: str, case: Case) -> None:
    decision, world = case
    assert violations([decision], world.recorded, world.report, world.policy, NOW) == {VM: law}


@pytest.mark.parametrize(
    "copy",
    [
        copy_elsewhere(power=PowerState.STOPPED),
        copy_elsewhere(mark=MarkVerdict.NONE),
        copy_elsewhere(absent=True),
    ],
)
def test_only_another_running_copy_of_ours_is_in_the_way_of_an_end(copy: Sighting) -> None:
    world = but(STOPPING, elsewhere=(copy,))
    assert violations([stop], world.recorded, world.report, world.policy, NOW) == {}


@pytest.mark.parametrize("world", [STOPPING, STARTING, ghost(), lookalike()])
def test_what_the_heart_decides_breaks_none(world: World) -> None:
    assert decided(world).command is not None


@pytest.mark.parametrize("decision", [stop, start])
def test_an_approval_that_holds_lifts_every_budget_of_its_act(decision: Decision) -> None:
    kinds = [Kind.STOP, Kind.START]
    hold = held(kinds, rule=decision.rule, state=HoldState.APPROVED, expires_at=NOW + 1)
    for act, worlds in OVERDRAWN:
        for world in (but(each, hold=hold) for each in worlds if act is decision):
            assert violations([act], world.recorded, world.report, world.policy, NOW) == {}


def test_a_request_is_bound_by_none_of_it() -> None:
    idle = but(STOP_ASKED, idle="it is disarmed", hold=held([Kind.STOP]))
    for world in (idle, but(idle, policy={"stops_per_pass_max": 0})):
        assert violations([stop_asked], world.recorded, world.report, world.policy, NOW) == {}
