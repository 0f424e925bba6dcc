"""Which reports are believed: each rule refuses by itself, in words that say which it was."""

import msgspec
import pytest

from tests.parts import INTAKE, OTHER, observation
from tests.worlds import but, owned
from vmuster.reconcile.freshness import refusal

FRESH = owned()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"host": OTHER}, "another host"),
        ({"epoch": 0}, "an earlier connection"),
        ({"epoch": 0, "sequence": 1000}, "an earlier connection"),
        ({"epoch": 2}, "never issued"),
        ({"epoch": 2, "sequence": 0}, "never issued"),
        ({"sequence": 9}, "was applied already"),
        ({"sequence": 8}, "was applied already"),
        ({"vms": (observation(), observation(name="another"))}, "names a uuid twice"),
        ({"asked_after": INTAKE + 1}, "never told to anybody"),
    ],
)
def test_a_report_out_of_turn_is_refused(change: dict[str, object], words: str) -> None:
    report = msgspec.structs.replace(FRESH.report, **change)
    assert words in refusal(FRESH.host, report, INTAKE)


@pytest.mark.parametrize("sequence", [10, 11, 1000])
def test_the_next_report_of_this_connection_is_admitted(sequence: int) -> None:
    assert refusal(FRESH.host, but(FRESH, sequence=sequence).report, INTAKE) == ""


def test_a_number_that_no_pass_has_reached_is_in_no_plan() -> None:
    plan = but(FRESH, asked_after=2**60).plan()
    assert "never told to anybody" in plan.refused
    assert (plan.sightings, plan.host_after) == ((), None)
    assert but(FRESH, asked_after=INTAKE).plan().refused == ""
