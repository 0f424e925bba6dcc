"""A probe of a planted bug: what the shipped code says of one input without it, and with it."""

from collections.abc import Callable, Mapping

from vmuster.sim.planted.bug import Layer, Planted
from vmuster.sim.planted.patch import applied
from vmuster.sim.planted.patching import planted

Probes = Mapping[str, Callable[[], object]]
"""By the name of a bug or a layer: a question to the shipped code, with an answer to compare."""


def told_apart(bug: Planted, probe: Callable[[], object]) -> bool:
    """Whether the answer is another one with the bug, and the first one again after it."""
    before = probe()
    with planted(bug.name):
        during = probe()
    assert probe() == before
    return during != before


def missed(layer: Layer, probe: Callable[[], object]) -> bool:
    """Whether the answer is another one with the layer off, and the first one again after it."""
    before = probe()
    with applied(layer.patches):
        during = probe()
    assert probe() == before
    return during != before
