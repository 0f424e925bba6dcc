"""Every planted bug is found, by the seed that found it before or one soon after it."""

import pytest

from tools.planted import read
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import found

KNOWN = read()
MORE = 30
"""Seeds after the known one: a change of the shipped code makes another run of each."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_planted_bug_is_found(name: str) -> None:
    first = KNOWN[name].seed
    assert found(name, range(first, first + MORE)) is not None
