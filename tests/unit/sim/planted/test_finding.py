"""Finding: seeds are tried in their order, and nothing is found where the layers alone break a
law."""

import msgspec
import pytest

from tests.unit.sim.seeds.test_running import BROKEN as BREACH
from tests.unit.sim.seeds.test_running import OUTCOME
from tools.planted import read
from vmuster.sim.planted import finding
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import Find, Tried, first, search, tried
from vmuster.sim.planted.layers import LAYERS

KNOWN = read()


def test_seeds_are_tried_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(iter(CATALOGUE))

    def sometimes(_bug: Planted, seed: int) -> Tried:
        return Tried(breach=BREACH if seed in (7, 9) else None, played=(OUTCOME,))

    monkeypatch.setattr(finding, "tried", sometimes)
    found = search(name, range(5, 12))
    assert found.find == Find(seed=7, tried=3, law="L1", what=BREACH.what, at=BREACH.at)
    assert (found.schedules, found.seconds, found.faults) == (3, 5400.0, 21)
    assert first(name, (11, 9, 7)) == Find(seed=9, tried=2, law="L1", what=BREACH.what, at=2.0)
    assert first(name, range(5)) is None


def test_what_the_layers_alone_break_is_no_finding_of_the_bug() -> None:
    """A bug that does nothing, while the agent believes whatever a hypervisor calls stopped."""
    layer = "the witness of stops"
    harmless = CATALOGUE["a-stop-without-a-reason-is-believed"]
    assert harmless.patches == LAYERS[layer].patches
    seed = KNOWN[harmless.name].seed
    alone = tried(harmless, seed)
    assert alone.breach is not None
    assert len(alone.played) == 2
    assert tried(msgspec.structs.replace(harmless, off=(layer,)), seed).breach is None


def test_an_unknown_bug_is_not_searched_for() -> None:
    with pytest.raises(KeyError):
        _ = first("nothing-at-all", range(1))
