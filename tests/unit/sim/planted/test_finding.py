"""Finding: by the seeds that are known the quickest bugs are found again; and nothing is found
where the layers alone break a law."""

import msgspec
import pytest

from tools.planted import read
from vmuster.sim.laws.law import Violation
from vmuster.sim.planted import finding
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import Find, finds, first, found
from vmuster.sim.planted.layers import LAYERS

KNOWN = read()
QUICKEST = sorted(KNOWN, key=lambda name: KNOWN[name].at)[:10]


MORE = 10
"""Seeds after the one that found a bug: a change of the shipped code makes another run of each."""


@pytest.mark.parametrize("name", QUICKEST)
def test_a_planted_bug_is_found_again(name: str) -> None:
    find = first(name, range(KNOWN[name].seed, KNOWN[name].seed + MORE))
    assert find is not None
    assert find.law in CATALOGUE[name].laws


def test_seeds_are_tried_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    name = QUICKEST[0]
    breach = finds(CATALOGUE[name], KNOWN[name].seed)
    assert breach is not None

    def sometimes(_bug: Planted, seed: int) -> Violation | None:
        return breach if seed in (7, 9) else None

    monkeypatch.setattr(finding, "finds", sometimes)
    assert found(name, range(5, 12)) == 7
    assert found(name, (11, 9, 7)) == 9
    assert found(name, range(5)) is None
    find = first(name, (11, 9, 7))
    assert find == Find(seed=9, tried=2, law=breach.law, what=breach.what, at=breach.at)


def test_what_the_layers_alone_break_is_no_finding_of_the_bug() -> None:
    """A bug that does nothing, while the agent believes whatever a hypervisor calls stopped."""
    layer = "the witness of stops"
    harmless = CATALOGUE["a-stop-without-a-reason-is-believed"]
    assert harmless.patches == LAYERS[layer].patches
    seed = KNOWN[harmless.name].seed
    assert finds(harmless, seed) is not None
    assert finds(msgspec.structs.replace(harmless, off=(layer,)), seed) is None


def test_an_unknown_bug_is_not_searched_for() -> None:
    with pytest.raises(KeyError):
        _ = found("nothing-at-all", range(1))
