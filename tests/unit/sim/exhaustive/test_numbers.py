"""Intake numbers are reduced to the order that rules go by, and to nothing less."""

import itertools

import msgspec
import pytest

from tests.unit.sim.exhaustive.worlds import seen
from vmuster.model.vm import Sighting
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.numbers import moments, newest, reduced

Numbers = tuple[int, int, int]
"""Of a sighting: taken in, asked after, active since."""


def known(first: Numbers, second: Numbers | None = None) -> Known:
    """What is known, with sightings of our VM that bear these numbers."""
    (sighting, _) = seen().sightings
    assert sighting is not None

    def numbered(numbers: Numbers) -> Sighting:
        taken_in, asked_after, active_since = numbers
        return msgspec.structs.replace(
            sighting, taken_in=taken_in, asked_after=asked_after, active_since=active_since
        )

    there = None if second is None else numbered(second)
    return msgspec.structs.replace(seen(), sightings=(numbered(first), there))


def relations(of: Known, looks: tuple[int, int]) -> list[bool]:
    """Every comparison that a rule makes: of a look at one host with events of the other."""
    answers: list[bool] = []
    for here in (0, 1):
        mine, theirs = of.sightings[here], of.sightings[1 - here]
        asked = [looks[here], mine.asked_after if mine is not None else 0]
        events = [theirs.taken_in, theirs.active_since] if theirs is not None else []
        answers += [number >= event for number in asked for event in events if event]
    return answers


@pytest.mark.parametrize("first", [*itertools.permutations([3, 5, 8])])
@pytest.mark.parametrize("second", [*itertools.permutations([4, 6, 7])])
@pytest.mark.parametrize("looks", [(0, 0), (3, 9), (6, 5)])
def test_no_comparison_that_is_made_comes_out_otherwise(
    first: Numbers, second: Numbers, looks: tuple[int, int]
) -> None:
    before = known(first, second)
    after, renumbered = reduced(before, looks)
    assert relations(after, renumbered) == relations(before, looks)
    assert reduced(after, renumbered) == (after, renumbered)


def test_what_nobody_tells_apart_becomes_one() -> None:
    early, _ = reduced(known((5, 4, 3)), (0, 0))
    late, _ = reduced(known((900, 70, 6)), (0, 0))
    assert early == late
    assert newest(early) == 1


def test_not_active_stays_not_active() -> None:
    after, _ = reduced(known((5, 4, 0), (8, 7, 6)), (0, 0))
    (first, second) = after.sightings
    assert first is not None
    assert second is not None
    assert (first.active_since, second.active_since > 0) == (0, True)


def test_a_look_may_begin_after_each_event_of_the_other_host_and_after_none() -> None:
    both = known((5, 4, 3), (8, 7, 6))
    assert moments(both, 0) == [0, 6, 8]
    assert moments(both, 1) == [0, 3, 5]
    assert newest(both) == 8
    assert newest(Known()) == 1
