"""Every planted bug is found by the seed that found it before."""

import pytest

from tools.planted import read
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import finds

KNOWN = read()


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_planted_bug_is_found_again(name: str) -> None:
    assert finds(CATALOGUE[name], KNOWN[name].seed) is not None
