"""What an operation says of itself."""

from uuid import UUID

import pytest

from vmuster.model.ids import HostId, OperationId, VmUuid
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import OperationKind, OperationState


def operation(actor: str, state: OperationState) -> Operation:
    return Operation(
        id=OperationId(UUID(int=1)),
        kind=OperationKind.STOP,
        vm=VmUuid(UUID(int=2)),
        name="i-2-5-VM",
        host=HostId("h1"),
        actor=actor,
        created_at=0.0,
        deadline_at=300.0,
        state=state,
    )


@pytest.mark.parametrize(
    ("state", "still_open"),
    [
        (OperationState.PENDING, True),
        (OperationState.RUNNING, True),
        (OperationState.DONE, False),
        (OperationState.FAILED, False),
    ],
)
def test_it_is_open_until_it_is_settled(state: OperationState, still_open: bool) -> None:
    assert operation("ann", state).open is still_open


def test_only_our_own_acts_are_automatic() -> None:
    assert operation(AUTOMATIC, OperationState.PENDING).automatic
    assert not operation("ann", OperationState.PENDING).automatic
