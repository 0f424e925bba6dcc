"""The search ends by itself, finds nothing in what ships, and finds every planted mistake."""

import pytest

from tests.unit.sim.exhaustive.mistakes import (
    FOUND_BY,
    Plant,
    a_guard_that_does_not_read_marks,
    staleness_that_is_ignored,
)
from vmuster.sim.exhaustive.search import Searched, Violation, search
from vmuster.sim.exhaustive.truth import ActedOn


@pytest.mark.parametrize("acted_on", ActedOn)
def test_it_is_complete_and_finds_nothing(acted_on: ActedOn) -> None:
    found = search(1, acted_on)
    assert found.complete
    assert found.violations == ()
    assert found.states == sum(found.by_faults)
    assert found.transitions > found.states > search(0, acted_on).states > 1


def test_it_can_be_cut_short_and_says_so() -> None:
    found = search(2, states_max=50)
    assert not found.complete
    assert found.states >= 50
    assert found.states < search(2).states


def violations(faults_max: int) -> list[Violation]:
    return [one for acted_on in ActedOn for one in search(faults_max, acted_on).violations]


@pytest.mark.parametrize("mistake", FOUND_BY, ids=lambda mistake: mistake.__name__)
def test_a_planted_mistake_is_found(mistake: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake(monkeypatch)
    law = FOUND_BY[mistake]
    shallowest = next(found for faults_max in range(3) if (found := violations(faults_max)) != [])
    assert law in {one.law.split(":")[0] for one in shallowest}


def first_found(searched: Searched) -> Violation:
    return searched.violations[0]


def test_the_way_to_a_violation_is_the_shortest_and_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_guard_that_does_not_read_marks(monkeypatch)
    assert first_found(search(2)) == Violation(
        law="L1: a VM is stopped that does not bear our mark",
        faults=2,
        path=(
            "a person asks to stop our VM",
            "host a looks and its report is taken in (complete: i-2-78-VM running, i-9-99-VM"
            " running); the server orders: stop_vm of i-2-78-VM on host a",
            "our VM on host a is defined anew without its mark",
            "stop_vm of i-2-78-VM on host a: done",
        ),
    )


def test_what_needs_no_fault_is_found_without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    staleness_that_is_ignored(monkeypatch)
    assert (first_found(search(0)).faults, len(first_found(search(0)).path)) == (0, 2)
