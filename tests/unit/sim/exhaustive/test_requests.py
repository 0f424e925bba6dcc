"""What is known after a request, an answer, a deadline: beside what the server does."""

import msgspec
import pytest

from tests.parts import sighting
from tests.unit.sim.exhaustive.worlds import seen, stop, unwanted
from vmuster.model.states import (
    DesiredState,
    MarkVerdict,
    OperationKind,
    OperationState,
    Standing,
    VmPhase,
)
from vmuster.sim.exhaustive import requests
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.numbers import newest
from vmuster.sim.exhaustive.setting import NOW, OUR_NAME, RECORD

AUTOMATIC = unwanted().known


def wanting() -> Known:
    """A person has asked for a stop."""
    after = requests.asked(seen(), OperationKind.STOP, None)
    assert after is not None
    return after


def test_a_request_is_a_wish_and_an_operation() -> None:
    after = wanting()
    assert after.record.desired is DesiredState.STOPPED
    assert after.record.phase is VmPhase.STOPPING
    assert after.operation is not None
    assert not after.operation.automatic
    assert after.operation.intake > newest(seen())


def with_record(**changes: object) -> Known:
    return msgspec.structs.replace(seen(), record=msgspec.structs.replace(RECORD, **changes))


@pytest.mark.parametrize(
    "known",
    [
        with_record(host=None),
        with_record(phase=VmPhase.MISSING),
        wanting(),
        msgspec.structs.replace(
            seen(),
            sightings=(sighting(standing=Standing.UNPROVEN, mark=MarkVerdict.NONE), None),
        ),
    ],
)
def test_what_may_not_be_asked_for_is_refused(known: Known) -> None:
    assert requests.asked(known, OperationKind.STOP, None) is None


def test_a_person_goes_before_an_automatic_act_unless_it_is_on_its_way() -> None:
    assert requests.asked(AUTOMATIC, OperationKind.START, stop()) is None
    after = requests.asked(AUTOMATIC, OperationKind.START, None)
    assert after is not None
    assert after.operation is not None
    assert after.operation.kind is OperationKind.START


def ordered(known: Known) -> Known:
    """`known`, where the open operation has a command."""
    assert known.operation is not None
    running = {"state": OperationState.RUNNING, "command": stop().command.id}
    return msgspec.structs.replace(
        known, operation=msgspec.structs.replace(known.operation, **running)
    )


def test_what_was_done_is_settled_by_a_later_look() -> None:
    for known in (AUTOMATIC, ordered(wanting())):
        after = requests.answered(known, stop(), done=True)
        assert after.operation is not None
        assert after.operation.deadline_at == NOW
        assert after.operation.intake > newest(known)


def test_a_request_that_was_refused_ends_and_its_vm_stands_as_it_was_seen() -> None:
    after = requests.answered(ordered(wanting()), stop(), done=False)
    assert after.operation is None
    assert after.record.phase is VmPhase.RUNNING
    settled = requests.answered(
        msgspec.structs.replace(ordered(wanting()), record=RECORD), stop(), done=False
    )
    assert settled.record == RECORD


def test_a_refused_order_of_an_earlier_connection_is_decided_anew() -> None:
    earlier = msgspec.structs.replace(stop(), earlier=True)
    after = requests.answered(ordered(wanting()), earlier, done=False)
    assert after.operation is not None
    assert after.operation.command is None
    assert after.operation.state is OperationState.PENDING


@pytest.mark.parametrize("known", [AUTOMATIC, wanting(), seen()])
def test_other_refusals_change_nothing(known: Known) -> None:
    """Of an automatic act, and of an order that serves no operation any more."""
    assert requests.answered(known, stop(), done=False) == known


def test_a_deadline_passes_once() -> None:
    ((name, after),) = requests.late(AUTOMATIC)
    assert name == OUR_NAME
    assert after.operation is not None
    assert after.operation.deadline_at == NOW
    assert requests.late(after) == []
    ending = msgspec.structs.replace(seen(), ending=AUTOMATIC.operation)
    assert len(requests.late(ending)) == 1


def test_the_sweep_ends_what_is_overdue_where_no_account_comes() -> None:
    ((_, late),) = requests.late(wanting())
    after = requests.swept(late, (True, False))
    assert after is not None
    assert after.operation is None
    assert after.record.phase is VmPhase.RUNNING
    for known, down in (
        (late, (False, True)),
        (wanting(), (True, False)),
        (seen(), (True, False)),
    ):
        assert requests.swept(known, down) is None
    ((_, automatic),) = requests.late(AUTOMATIC)
    swept = requests.swept(automatic, (True, False))
    assert swept is not None
    assert swept.record == AUTOMATIC.record
