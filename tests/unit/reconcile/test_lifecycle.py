"""The life of a record: what a pass can bring about is legal in every phase; the rest raises."""

import itertools

import pytest

from vmuster.model.states import VmPhase
from vmuster.reconcile.lifecycle import TABLE, IllegalTransition, PhaseEvent, advance

P, E = VmPhase, PhaseEvent
REQUESTS = {E.START_REQUESTED, E.STOP_REQUESTED}
PASS_EVENTS = set(PhaseEvent) - REQUESTS
LEGAL_REQUESTS = {
    (P.STOPPED, E.START_REQUESTED): P.STARTING,
    (P.FAILED, E.START_REQUESTED): P.STARTING,
    (P.STARTING, E.START_REQUESTED): P.STARTING,
    (P.RUNNING, E.STOP_REQUESTED): P.STOPPING,
    (P.STARTING, E.STOP_REQUESTED): P.STOPPING,
    (P.STOPPING, E.STOP_REQUESTED): P.STOPPING,
}


def expected(phase: VmPhase, event: PhaseEvent) -> VmPhase:
    """Where a pass leads, said by the ends: what is deleted stays so, what goes does not return."""
    if phase is P.DELETED:
        return P.DELETED
    if phase is P.DELETING and event is E.ABSENCE_CONFIRMED:
        return P.DELETED
    if phase is P.DELETING and event is not E.GAVE_UP:
        return P.DELETING
    if phase is P.FAILED and event in (E.SEEN_STOPPED, E.SEEN_CRASHED):
        return P.FAILED
    return {
        E.SEEN_RUNNING: P.RUNNING,
        E.SEEN_STOPPED: P.STOPPED,
        E.SEEN_CRASHED: P.STOPPED,
        E.ABSENCE_CONFIRMED: P.MISSING,
        E.DELETE_REQUESTED: P.DELETING,
        E.GAVE_UP: P.FAILED,
    }[event]


@pytest.mark.parametrize(("phase", "event"), [*itertools.product(VmPhase, sorted(PASS_EVENTS))])
def test_what_a_pass_brings_about_is_legal_in_every_phase(
    phase: VmPhase, event: PhaseEvent
) -> None:
    assert advance(phase, event) is expected(phase, event)


@pytest.mark.parametrize(("phase", "event"), [*itertools.product(VmPhase, sorted(REQUESTS))])
def test_a_request_is_legal_only_where_it_means_something(
    phase: VmPhase, event: PhaseEvent
) -> None:
    if (phase, event) in LEGAL_REQUESTS:
        assert advance(phase, event) is LEGAL_REQUESTS[phase, event]
        return
    before = dict(TABLE)
    with pytest.raises(IllegalTransition, match=f"{phase} has no {event}"):
        advance(phase, event)
    assert before == TABLE


def test_every_phase_but_those_set_by_a_person_can_be_reached() -> None:
    assert set(VmPhase) - set(TABLE.values()) == {P.PENDING, P.MIGRATING}
