"""Operations: which are open, and which no person asked for."""

import pytest

from tests.parts import operation
from vmuster.model.operations import AUTOMATIC
from vmuster.model.states import OperationKind, OperationState


@pytest.mark.parametrize("state", OperationState)
def test_an_operation_is_open_until_its_end(state: OperationState) -> None:
    still = state in (OperationState.PENDING, OperationState.RUNNING)
    assert operation(OperationKind.STOP, state=state).open is still


def test_what_no_person_asked_for_is_automatic() -> None:
    assert operation(OperationKind.STOP, actor=AUTOMATIC).automatic
    assert not operation(OperationKind.STOP, actor="ann").automatic
