"""Seeds that once broke a law break none any more."""

from pathlib import Path

import pytest

from vmuster.sim.seeds.running import outcome_of

_FILE = Path(__file__).with_name("seeds.txt")


def kept_seeds() -> list[int]:
    lines = [line.partition("#")[0].split() for line in _FILE.read_text("utf-8").splitlines()]
    return sorted({int(words[0]) for words in lines if words})


@pytest.mark.parametrize("seed", kept_seeds() or [0])
def test_a_seed_that_failed_once_fails_no_more(seed: int) -> None:
    assert outcome_of(seed).violations == ()
