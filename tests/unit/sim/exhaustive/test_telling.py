"""What was found, in words for people."""

import pytest

from tests.unit.sim.exhaustive.test_servers import no_versions
from vmuster.sim.exhaustive.search import Searched, Violation
from vmuster.sim.exhaustive.servers import contest
from vmuster.sim.exhaustive.telling import contest_lines, lines
from vmuster.sim.exhaustive.truth import ActedOn

FOUND = Searched(
    acted_on=ActedOn.OURS,
    faults_max=4,
    states=12_345,
    transitions=67_890,
    by_faults=(2, 12_343),
    violations=(),
    complete=True,
)
BROKEN = Violation(law="L1: a deed", faults=1, path=("one thing", "and another"))


def test_a_search_that_found_nothing_says_how_much_it_saw() -> None:
    assert lines(FOUND) == [
        "2 hosts, 2 VMs, hands on our VM, up to 4 faults: 12,345 states, 67,890 transitions",
        "complete: no violation",
    ]


@pytest.mark.parametrize("complete", [True, False])
def test_a_violation_is_told_with_its_way(complete: bool) -> None:
    found = Searched(
        acted_on=ActedOn.STRANGER,
        faults_max=1,
        states=2,
        transitions=3,
        by_faults=(1, 1),
        violations=(BROKEN,),
        complete=complete,
    )
    assert lines(found) == [
        "2 hosts, 2 VMs, hands on the stranger, up to 1 fault: 2 states, 3 transitions",
        "complete: 1 violation" if complete else "not complete: 1 violation so far",
        "L1: a deed (1 fault)",
        "  1. one thing",
        "  2. and another",
    ]


def test_a_contest_is_told_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    first, verdict = contest_lines(contest())
    assert first.startswith("2 servers that both believe they own a host: ")
    assert verdict == "complete: no violation"
    no_versions(monkeypatch)
    _, verdict, law, *path = contest_lines(contest())
    assert verdict == "complete: 1 violation"
    assert law.startswith("L7")
    assert path[0] == "  1. a server issues epoch 1"
