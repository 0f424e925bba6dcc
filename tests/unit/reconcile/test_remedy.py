"""The command that follows: what lets it be, what withholds it, and the evidence it carries."""

import itertools

import pytest

from tests.parts import HOST, NAME, NOW, VM, operation
from tests.worlds import World, but, copy_of, ghost, lookalike, marked, owned, owned_stopped
from vmuster.model.commands import (
    HomeClearance,
    OrderFields,
    OwnershipProof,
    StartVm,
    StopVm,
    UnmarkVm,
)
from vmuster.model.ids import CommandId, OperationId
from vmuster.model.modes import allows
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import (
    Act,
    Completeness,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    ProofKind,
    Standing,
    StopMethod,
)
from vmuster.reconcile.classify import Deed
from vmuster.reconcile.derived import derived
from vmuster.reconcile.ownership import clear, prove
from vmuster.reconcile.remedy import NOTHING, Proposal, automatic, requested, stray

K = OperationKind
ACTS = {K.START: Act.START, K.STOP: Act.STOP, K.RELEASE: Act.RELEASE}


def asked(world: World, kind: OperationKind, **changes: object) -> World:
    return but(world, operation=operation(kind, **changes))


@pytest.mark.parametrize(("mode", "deed"), [*itertools.product(HostMode, [Deed.START, Deed.STOP])])
def test_nothing_is_done_automatically_but_in_manage(mode: HostMode, deed: Deed) -> None:
    world = but(owned() if deed is Deed.STOP else owned_stopped(), host={"mode": mode})
    proposal = automatic(world.claim(Standing.OWNED), deed, StopMethod.SHUTDOWN, NOW)
    assert (proposal.command is not None) is (mode is HostMode.MANAGE)
    assert bool(proposal.note) is (mode is not HostMode.MANAGE)


@pytest.mark.parametrize("reason", ["idle", "quarantined"])
def test_nothing_is_done_automatically_while_automation_is_idle(reason: str) -> None:
    for words in ("", "a reason in words"):
        claim = but(owned(), **{reason: words}).claim(Standing.OWNED)
        proposal = automatic(claim, Deed.STOP, StopMethod.SHUTDOWN, NOW)
        assert (proposal.command is None) is bool(words)
        assert (proposal.note, proposal.waits) == (words, bool(words))


def test_nothing_is_done_automatically_beside_an_open_operation() -> None:
    claim = but(owned(), operation=operation(K.START)).claim(Standing.OWNED)
    proposal = automatic(claim, Deed.STOP, StopMethod.SHUTDOWN, NOW)
    assert proposal == Proposal(note="another operation on it is open", waits=True)


def test_an_automatic_act_is_an_operation_like_any_other() -> None:
    policy = {"operation_seconds": 90.0, "stop_grace_seconds": 30.0}
    claim = but(owned(), policy=policy).claim(Standing.OWNED)
    proposal = automatic(claim, Deed.STOP, StopMethod.SHUTDOWN, NOW)
    assert proposal.command is not None
    assert proposal.operation == Operation(
        id=OperationId(derived(claim.report, "operation", VM, K.STOP)),
        kind=K.STOP,
        vm=VM,
        name=NAME,
        host=HOST,
        actor=AUTOMATIC,
        state=OperationState.RUNNING,
        created_at=NOW,
        deadline_at=NOW + 90 + 30,
        command=proposal.command.id,
    )


def test_no_two_acts_of_a_report_have_an_id_in_common() -> None:
    acts = ((owned(), K.STOP), (owned(), K.RELEASE), (owned_stopped(), K.START))
    sent = [
        requested(copy_of(world, n).claim(Standing.OWNED), operation(kind), NOW).command
        for n in (1, 2)
        for world, kind in acts
    ]
    assert len({command.id for command in sent if command is not None}) == 6
    deeds = ((owned(), Deed.STOP), (owned_stopped(), Deed.START))
    begun = [
        automatic(copy_of(world, n).claim(Standing.OWNED), deed, StopMethod.SHUTDOWN, NOW).operation
        for n in (1, 2)
        for world, deed in deeds
    ]
    assert len({wish.id for wish in begun if wish is not None}) == 4


def test_a_deed_of_nothing_is_nothing() -> None:
    claim = owned().claim(Standing.OWNED)
    assert automatic(claim, Deed.NOTHING, StopMethod.SHUTDOWN, NOW) is NOTHING


@pytest.mark.parametrize(("mode", "kind"), [*itertools.product(HostMode, ACTS)])
def test_a_request_is_a_matter_of_the_mode(mode: HostMode, kind: OperationKind) -> None:
    world = owned_stopped() if kind is K.START else owned()
    decision = asked(but(world, host={"mode": mode}), kind).decision()
    allowed = allows(mode, ACTS[kind])
    assert (decision.command is not None) is allowed
    assert decision.operation is not None
    if allowed:
        assert decision.operation.state is OperationState.RUNNING
    else:
        assert decision.operation.state is OperationState.FAILED
        words = f"refused: {kind} is not allowed on a host in {mode}"
        assert decision.operation.message == words


@pytest.mark.parametrize(
    ("kind", "command"), [(K.START, StartVm), (K.STOP, StopVm), (K.RELEASE, UnmarkVm)]
)
def test_a_request_becomes_its_command_and_says_for_whom(
    kind: OperationKind, command: type[StartVm | StopVm | UnmarkVm]
) -> None:
    world = asked(owned_stopped() if kind is K.START else owned(), kind)
    sent = world.decision().command
    assert isinstance(sent, command)
    order = OrderFields(
        id=CommandId(derived(world.report, "command", VM, kind)),
        operation=operation(kind).id,
        host=HOST,
        epoch=1,
        vm=VM,
        name=NAME,
        actor="ann",
        automatic=False,
        issued_at=NOW,
        valid_seconds=300.0,
    )
    claim = world.claim(Standing.OWNED)
    proof, clearance = prove(claim), clear(claim)
    match sent:
        case StartVm():
            assert isinstance(clearance, HomeClearance)
            assert sent == StartVm(**order, clearance=clearance)
        case StopVm():
            assert isinstance(proof, OwnershipProof)
            method = StopMethod.SHUTDOWN
            assert sent == StopVm(**order, proof=proof, method=method, grace_seconds=120.0)
        case UnmarkVm():
            assert isinstance(proof, OwnershipProof)
            assert sent == UnmarkVm(**order, proof=proof)
    moved_on = world.decision().operation
    running = operation(kind, state=OperationState.RUNNING, command=sent.id)
    assert moved_on == running


def test_a_command_is_worth_nothing_after_its_operations_deadline() -> None:
    claim = owned().claim(Standing.OWNED)
    for left, valid in ((2.5, 2.5), (0.0, 0.0), (-1.0, 0.0)):
        wish = operation(K.STOP, deadline_at=NOW + left)
        sent = requested(claim, wish, NOW).command
        assert sent is not None
        assert sent.valid_seconds == valid


@pytest.mark.parametrize("force", [False, True])
def test_a_person_chooses_between_asking_the_guest_and_force(force: bool) -> None:
    sent = asked(owned(), K.STOP, force=force).decision().command
    assert isinstance(sent, StopVm)
    assert sent.method is (StopMethod.FORCE if force else StopMethod.SHUTDOWN)


@pytest.mark.parametrize("verdict", [v for v in MarkVerdict if v is not MarkVerdict.OURS])
@pytest.mark.parametrize("kind", [K.STOP, K.RELEASE])
def test_what_is_not_ours_is_refused_to_persons_too_and_force_does_not_help(
    verdict: MarkVerdict, kind: OperationKind
) -> None:
    unmarked = verdict is MarkVerdict.NONE and kind is K.RELEASE
    decision = asked(marked(verdict), kind, force=True).decision()
    assert decision.command is None
    assert decision.operation is not None
    assert decision.operation.state is (OperationState.DONE if unmarked else OperationState.FAILED)
    assert unmarked or "never ours to act on" in decision.operation.message


def test_a_start_waits_for_a_complete_report_and_asks_for_it() -> None:
    world = asked(but(owned_stopped(), completeness=Completeness.PARTIAL), K.START)
    plan = world.plan()
    assert plan.commands == ()
    assert plan.decisions[0].operation is None
    assert [(wish.host, wish.vms) for wish in plan.looks] == [(HOST, ())]


def test_a_stop_does_not_wait_for_a_complete_report() -> None:
    world = asked(but(owned(), completeness=Completeness.PARTIAL), K.STOP)
    assert isinstance(world.decision().command, StopVm)


def test_a_request_is_sent_while_automation_is_idle() -> None:
    world = asked(but(owned(), idle="the whole fleet is disarmed"), K.STOP)
    assert isinstance(world.decision().command, StopVm)


def test_a_request_waits_in_quarantine_and_is_not_refused() -> None:
    world = asked(but(owned(), quarantined="the database is old"), K.STOP)
    decision = world.decision()
    assert (decision.command, decision.operation) == (None, None)
    assert "the database is old" in decision.why


def test_a_request_that_has_its_command_gets_no_second_one() -> None:
    assert asked(owned(), K.STOP, state=OperationState.RUNNING).decision().command is None


@pytest.mark.parametrize(
    ("world", "kind"), [(ghost(), ProofKind.MARK), (lookalike(), ProofKind.NAME)]
)
def test_a_stray_is_saved_to_disk(world: World, kind: ProofKind) -> None:
    sent = world.decision().command
    assert isinstance(sent, StopVm)
    assert (sent.method, sent.proof.kind, sent.automatic) == (StopMethod.SAVE, kind, True)


@pytest.mark.parametrize(
    "power", [power for power in PowerState if power is not PowerState.RUNNING]
)
def test_a_stray_that_does_not_plainly_run_is_left_alone(power: PowerState) -> None:
    claim = but(ghost(), seen={"power": power}).claim(Standing.GHOST)
    assert stray(claim, NOW) is NOTHING


def test_the_same_report_gives_the_same_ids_and_the_next_one_others() -> None:
    first, again = (ghost().decision().command for _ in range(2))
    later = but(ghost(), sequence=11).decision().command
    assert first is not None
    assert later is not None
    assert first == again
    assert {first.id, first.operation}.isdisjoint({later.id, later.operation})


def test_an_adoption_has_its_command_from_the_start() -> None:
    proposal = requested(owned().claim(Standing.OWNED), operation(K.ADOPT), NOW)
    assert proposal.command is None
    assert proposal.note == "an adoption carries its command from the start"
