"""Operations: which are open, which no person asked for, and which wait for another try."""

import pytest

from tests.parts import operation
from vmuster.model.operations import AUTOMATIC, PAUSES
from vmuster.model.states import OperationKind, OperationState


@pytest.mark.parametrize("state", OperationState)
def test_an_operation_is_open_until_its_end(state: OperationState) -> None:
    still = state in (OperationState.PENDING, OperationState.RUNNING)
    assert operation(OperationKind.STOP, state=state).open is still


def test_what_no_person_asked_for_is_automatic() -> None:
    assert operation(OperationKind.STOP, actor=AUTOMATIC).automatic
    assert not operation(OperationKind.STOP, actor="ann").automatic


def test_what_failed_by_itself_and_is_tried_again_pauses() -> None:
    said = f"failed: it can't be saved{PAUSES}7 minutes"
    assert operation(OperationKind.STOP, actor=AUTOMATIC, message=said).pauses
    assert not operation(OperationKind.STOP, actor=AUTOMATIC, message="failed: it hangs").pauses
    assert not operation(OperationKind.STOP, actor="ann", message=said).pauses
