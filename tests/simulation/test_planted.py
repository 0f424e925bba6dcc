"""Planted bugs are found, by the seed that found them before or one soon after it.

Always those that most schedules find, and at once; by `./dev test --all` every one.
"""

import pytest

from tools.planted import read
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import first

KNOWN = read()
QUICKEST = sorted(KNOWN, key=lambda name: (KNOWN[name].tried, KNOWN[name].at))[:10]
MORE = 5
"""Seeds after the known one: a change of the shipped code makes another run of each."""


def _is_found(name: str) -> None:
    seed = KNOWN[name].seed
    find = first(name, range(seed, seed + 1 + MORE))
    assert find is not None
    assert find.law in CATALOGUE[name].laws


@pytest.mark.parametrize("name", QUICKEST)
def test_a_bug_that_shows_itself_at_once_is_found(name: str) -> None:
    _is_found(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in QUICKEST])
def test_a_planted_bug_is_found(name: str) -> None:
    _is_found(name)
