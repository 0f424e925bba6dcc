"""What the original and the proposed guard stop of what they do not know."""

import pytest

from tests.unit.replay.asked import record, report, vm
from tests.unit.replay.test_cases import parsed
from vmuster.replay.original import original_stops

NAMES = ["Windows 7 (32-bit) (1)", "web-01", "i-9-99-OTHER", "i-2-78-VM", "r-77-VM", "i-2-7-VM"]
VALID = ["i-9-99-OTHER", "i-2-78-VM"]


@pytest.mark.parametrize(
    ("decided_by", "complete", "stopped"),
    [
        ("original", False, NAMES[:5]),
        ("original", True, VALID),
        ("proposed_guard", False, VALID),
        ("proposed_guard", True, VALID),
    ],
)
def test_what_no_record_claims_is_stopped_by_its_name(
    decided_by: str, complete: bool, stopped: list[str]
) -> None:
    vms = [vm(n, name=name, mark="none") for n, name in enumerate(NAMES)]
    case = parsed(
        decided_by=decided_by, records=[record(7)], report=report(*vms, complete=complete)
    )
    assert [shown.name for shown in original_stops(case)] == stopped


def test_a_record_of_the_past_claims_nothing() -> None:
    case = parsed(decided_by="original", records=[record(removed=True)], report=report(vm()))
    assert [shown.name for shown in original_stops(case)] == ["i-2-1-VM"]
