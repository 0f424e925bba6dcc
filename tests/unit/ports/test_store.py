"""What is asked of a store."""

import pytest

from vmuster.model.states import DesiredState, PowerState, VmPhase
from vmuster.ports.store import VmQuery


@pytest.mark.parametrize(
    ("query", "of_records"),
    [
        (VmQuery(), False),
        (VmQuery(power=PowerState.RUNNING), False),
        (VmQuery(desired=DesiredState.RUNNING), True),
        (VmQuery(phase=VmPhase.MISSING), True),
    ],
)
def test_lines_without_a_record_fit_no_question_about_one(
    query: VmQuery, *, of_records: bool
) -> None:
    assert query.of_records is of_records
