"""The small worlds, searched to their end: no law is broken in any state of them."""

import sys
from collections.abc import Iterable

import pytest

from vmuster.sim.exhaustive.search import search
from vmuster.sim.exhaustive.servers import contest
from vmuster.sim.exhaustive.telling import contest_lines, lines
from vmuster.sim.exhaustive.truth import ActedOn

STATES = {
    (2, ActedOn.OURS): 2_500,
    (2, ActedOn.STRANGER): 4_000,
    (3, ActedOn.OURS): 45_000,
    (3, ActedOn.STRANGER): 30_000,
    (4, ActedOn.OURS): 500_000,
    (4, ActedOn.STRANGER): 200_000,
}
"""At least so many: a search that lost a part of its world would find nothing either."""


def _show(said: Iterable[str]) -> None:
    """How many states there are, for those who run this with `-s`."""
    _ = sys.stdout.write("\n".join(["", *said, ""]))


def _searched_to_its_end(faults_max: int, acted_on: ActedOn) -> None:
    found = search(faults_max, acted_on)
    _show(lines(found))
    assert found.violations == (), "\n".join(lines(found))
    assert found.complete
    assert found.states >= STATES[faults_max, acted_on]


@pytest.mark.parametrize("acted_on", ActedOn)
def test_no_two_faults_break_a_law(acted_on: ActedOn) -> None:
    _searched_to_its_end(2, acted_on)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("acted_on", ActedOn)
@pytest.mark.parametrize("faults_max", [3, 4])
def test_no_four_faults_break_a_law(faults_max: int, acted_on: ActedOn) -> None:
    _searched_to_its_end(faults_max, acted_on)


def test_two_servers_that_believe_they_own_a_host_break_none() -> None:
    found = contest()
    _show(contest_lines(found))
    assert found.violations == (), "\n".join(contest_lines(found))
    assert found.complete
