"""The first state, and what lives on through a change."""

import pytest

from tests.unit.sim.exhaustive.worlds import START
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.state import State, first, unbroken
from vmuster.sim.exhaustive.truth import ENDED, NOWHERE, ActedOn, placed, powered


@pytest.mark.parametrize("acted_on", ActedOn)
def test_it_begins_with_nothing_reported_and_nothing_on_its_way(acted_on: ActedOn) -> None:
    assert first(acted_on) == State(truth=first(acted_on).truth, known=Known())
    assert first(acted_on).truth.running == (True, False)


def test_a_process_lives_on_where_it_lives_before_and_after() -> None:
    moved = placed(placed(START, 0, NOWHERE), 1, START.places[0])
    both = placed(START, 1, START.places[0])
    assert unbroken(START, START) == (True, False)
    assert unbroken(START, moved) == (False, False)
    assert unbroken(both, moved) == (False, True)
    assert unbroken(powered(START, 0, ENDED), START) == (False, False)
