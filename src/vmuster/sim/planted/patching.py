"""A planted bug, applied: its layers off, then the bug itself; later everything is as before."""

from collections.abc import Generator
from contextlib import contextmanager

from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.layers import LAYERS
from vmuster.sim.planted.patch import applied


@contextmanager
def planted(name: str) -> Generator[Planted]:
    """The bug of this name, while it lasts. Raises `KeyError` where there is none, and `Misplaced`
    where the code that it is planted into is not what it was."""
    with present(CATALOGUE[name]):
        yield CATALOGUE[name]


@contextmanager
def present(bug: Planted) -> Generator[None]:
    """This bug, while it lasts."""
    with unguarded(bug), applied(bug.patches):
        yield


@contextmanager
def unguarded(bug: Planted) -> Generator[None]:
    """The layers off that a bug has off, and nothing else wrong."""
    with applied(patch for layer in bug.off for patch in LAYERS[layer].patches):
        yield
