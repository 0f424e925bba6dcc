"""An operation whose time is over on a host that gives no account: ended, and nothing guessed."""

import msgspec
import pytest

from tests.parts import NOW, VM, operation, record
from vmuster.model.ids import CommandId
from vmuster.model.operations import Operation
from vmuster.model.plan import Transition
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.reconcile.overdue import overdue, unsettled

K, S, P, W = OperationKind, OperationState, VmPhase, PowerState


def late(kind: OperationKind, **changes: object) -> Operation:
    return operation(kind, **({"deadline_at": NOW, "state": S.RUNNING} | changes))


def asked(kind: OperationKind, power: PowerState) -> VmRecord:
    """The record of a VM that was asked to start, or stop, when it was last seen so."""
    start = kind is K.START
    return record(
        phase=P.STARTING if start else P.STOPPING,
        desired=DesiredState.RUNNING if start else DesiredState.STOPPED,
        power=power,
    )


@pytest.mark.parametrize("state", [S.PENDING, S.RUNNING])
def test_it_ends_at_its_deadline_and_says_that_its_outcome_is_not_known(
    state: OperationState,
) -> None:
    wish = late(K.STOP, state=state, message="waits for the host")
    early = msgspec.structs.replace(wish, deadline_at=NOW + 0.1)
    assert overdue(early, asked(K.STOP, W.RUNNING), NOW) is None
    end = overdue(wish, asked(K.STOP, W.RUNNING), NOW)
    assert end is not None
    assert (end.operation.state, end.operation.finished_at) == (S.FAILED, NOW)
    assert end.operation.message.startswith("outcome not known")
    assert end.operation.message.endswith("(waits for the host)")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("", "outcome not known: its host gave no account of it before the deadline"),
        ("done: stopped", "it was done, and its host has given no account of it since"),
        ("refused: no mark", "refused: no mark"),
        ("failed: no room", "failed: no room"),
    ],
)
def test_what_its_agent_answered_is_told(answer: str, words: str) -> None:
    sent = msgspec.structs.replace(late(K.ADOPT, message=answer), command=CommandId(VM))
    end = overdue(sent, record(), NOW)
    assert end is not None
    assert end.operation.message == words


def test_what_was_never_sent_was_not_begun() -> None:
    end = overdue(late(K.STOP), asked(K.STOP, W.RUNNING), NOW)
    assert end is not None
    assert end.operation.message == "not begun: its host gave no account of it before the deadline"


@pytest.mark.parametrize("state", [S.DONE, S.FAILED])
def test_what_has_ended_stays_as_it_ended(state: OperationState) -> None:
    assert overdue(late(K.STOP, state=state), asked(K.STOP, W.RUNNING), NOW) is None


@pytest.mark.parametrize(
    ("kind", "power", "phase"),
    [
        (K.STOP, W.RUNNING, P.RUNNING),
        (K.STOP, W.PAUSED, P.RUNNING),
        (K.STOP, W.STOPPED, P.STOPPED),
        (K.STOP, W.CRASHED, P.STOPPED),
        (K.STOP, W.UNKNOWN, P.RUNNING),
        (K.START, W.STOPPED, P.STOPPED),
        (K.START, W.CRASHED, P.STOPPED),
        (K.START, W.RUNNING, P.RUNNING),
        (K.START, W.PAUSED, P.RUNNING),
        (K.START, W.UNKNOWN, P.RUNNING),
    ],
)
def test_the_phase_returns_to_what_was_last_seen_and_the_wish_stays(
    kind: OperationKind, power: PowerState, phase: VmPhase
) -> None:
    before = asked(kind, power)
    end = overdue(late(kind), before, NOW)
    assert end is not None
    assert end.transition is not None
    assert end.transition.before is before
    assert end.transition.after == msgspec.structs.replace(before, phase=phase, changed_at=NOW)


@pytest.mark.parametrize("phase", sorted(set(P) - {P.STARTING, P.STOPPING}))
def test_a_phase_that_waits_for_nothing_stays(phase: VmPhase) -> None:
    end = overdue(late(K.STOP), record(phase=phase), NOW)
    assert end is not None
    assert end.transition is None


@pytest.mark.parametrize("known", [None, record(removed_at=5.0, phase=P.STOPPING)])
def test_without_a_live_record_only_the_operation_ends(known: VmRecord | None) -> None:
    end = overdue(late(K.RELEASE), known, NOW)
    assert end is not None
    assert end.transition is None


def test_a_new_adoption_that_is_overdue_leaves_no_record() -> None:
    end = overdue(late(K.ADOPT), record(), NOW)
    assert end is not None
    assert end.transition == Transition(before=record(), after=None)


def test_an_overdue_signing_anew_restores_what_was_asked_for_and_nothing_else_goes_back() -> None:
    stopped = DesiredState.STOPPED
    previous = record(generation=3, mark_generation=4, label="before", desired=stopped)
    now = record(generation=5, mark_generation=9, label="after")
    end = overdue(late(K.ADOPT, previous=previous), now, NOW)
    assert end is not None
    restored = msgspec.structs.replace(now, desired=stopped, changed_at=NOW)
    assert end.transition == Transition(before=now, after=restored)


@pytest.mark.parametrize("power", [W.RUNNING, W.STOPPED])
def test_a_phase_whose_request_has_ended_returns_as_well(power: PowerState) -> None:
    before = asked(K.STOP, power)
    ended = unsettled(before, NOW)
    assert ended == overdue(late(K.STOP), before, NOW).transition  # type: ignore[union-attr]
    assert ended is not None
    assert unsettled(record(phase=P.RUNNING), NOW) is None
    assert unsettled(msgspec.structs.replace(before, removed_at=5.0), NOW) is None
