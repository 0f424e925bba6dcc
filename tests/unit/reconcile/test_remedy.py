"""The command that follows: what lets it be, what withholds it, and the evidence it carries."""

import itertools

import pytest

from tests.parts import HOST, NOW, OTHER, VM, copy_elsewhere, operation
from tests.worlds import World, but, ghost, lookalike, marked, owned, owned_stopped
from vmuster.model.commands import StartVm, StopVm, UnmarkVm
from vmuster.model.modes import allows
from vmuster.model.plan import LookWish
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
from vmuster.reconcile.remedy import NOTHING, automatic, requested, stray

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
    assert decision.operation.state is (
        OperationState.RUNNING if allowed else OperationState.FAILED
    )


@pytest.mark.parametrize(
    ("kind", "command"), [(K.START, StartVm), (K.STOP, StopVm), (K.RELEASE, UnmarkVm)]
)
def test_a_request_becomes_its_command_and_says_for_whom(
    kind: OperationKind, command: type[StartVm | StopVm | UnmarkVm]
) -> None:
    world = asked(owned_stopped() if kind is K.START else owned(), kind)
    sent = world.decision().command
    assert isinstance(sent, command)
    assert (sent.host, sent.vm, sent.actor, sent.automatic) == (HOST, VM, "ann", False)
    assert (sent.epoch, sent.issued_at, sent.valid_seconds) == (1, NOW, 300.0)
    moved_on = world.decision().operation
    assert moved_on is not None
    assert (moved_on.state, moved_on.command) == (OperationState.RUNNING, sent.id)
    assert sent.operation == moved_on.id


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


COPY = {"power": PowerState.STOPPED, "active_since": 0}


def copied(kind: OperationKind, **copy: object) -> World:
    """A request of number 95 about a VM of which another host showed a copy."""
    world = owned_stopped() if kind is K.START else owned()
    return asked(but(world, elsewhere=(copy_elsewhere(**copy),)), kind, intake=95)


@pytest.mark.parametrize("kind", ACTS)
def test_a_request_waits_for_a_new_look_at_where_the_vm_was_seen_before(
    kind: OperationKind,
) -> None:
    world = copied(kind, **COPY, asked_after=94)
    plan = world.plan()
    (decision,) = plan.decisions
    assert decision.command is None
    assert decision.operation is not None
    assert decision.operation.state is OperationState.PENDING
    assert "other is asked to look again" in decision.operation.message
    assert LookWish(host=OTHER, vms=(VM,)) in plan.looks
    waiting = but(world, operation=decision.operation).decision()
    assert waiting.operation is None, "that it waits is said once"


@pytest.mark.parametrize("kind", ACTS)
def test_it_is_refused_once_the_other_host_has_looked_and_still_shows_it(
    kind: OperationKind,
) -> None:
    refused = copied(kind, **COPY, asked_after=95).decision().operation
    assert refused is not None
    assert refused.state is OperationState.FAILED
    assert "the same VM is also seen on another host" in refused.message


def test_it_is_sent_once_the_other_host_has_looked_and_lost_it() -> None:
    world = but(copied(K.STOP), elsewhere=(copy_elsewhere(absent=True, asked_after=95),))
    assert isinstance(world.decision().command, StopVm)


def test_it_is_given_up_at_its_deadline() -> None:
    late = but(copied(K.STOP, asked_after=94), operation={"deadline_at": NOW}).decision().operation
    assert late is not None
    assert late.state is OperationState.FAILED
    assert "before its deadline" in late.message


def test_it_does_not_wait_where_something_else_refuses_it_for_good() -> None:
    world = but(copied(K.STOP, **COPY, asked_after=94), mark={"generation": 2})
    newer = world.decision().operation
    assert newer is not None
    assert newer.state is OperationState.FAILED
    assert "its mark is newer than our records" in newer.message


def test_the_reason_that_stays_is_said_before_the_one_that_may_pass() -> None:
    stranger = copy_elsewhere(host="third", mark=MarkVerdict.NONE)
    world = copied(K.START, **COPY, asked_after=94)
    refused = but(world, elsewhere=(*world.elsewhere, stranger)).decision().operation
    assert refused is not None
    assert refused.message == "refused: it may be running on another host"


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
    assert "from the start" in proposal.note
