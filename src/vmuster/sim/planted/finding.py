"""Finding a planted bug: the first seed whose schedule breaks one of the laws that it breaks.

And does not until then without the bug, while the same layers of defence are off: else it would not
be the bug that was found.
"""

import math
from collections.abc import Iterable

import msgspec

from vmuster.sim.laws.law import Violation
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.patching import present, unguarded
from vmuster.sim.planted.shapes import SHAPES
from vmuster.sim.play import play


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """How a bug was found: by which seed, as the how-manieth that was tried, and of which law.
    `what`: what broke it, in words; `at`: seconds since that run began."""

    seed: int
    tried: int
    law: str
    what: str
    at: float


def found(name: str, seeds: Iterable[int]) -> int | None:
    """The first of these seeds that finds the planted bug of this name; None where none does.

    Raises `KeyError` where there is no such bug.
    """
    find = first(name, seeds)
    return None if find is None else find.seed


def first(name: str, seeds: Iterable[int]) -> Find | None:
    """As `found`, with what was found."""
    bug = CATALOGUE[name]
    for tried, seed in enumerate(seeds, 1):
        breach = finds(bug, seed)
        if breach is not None:
            return Find(seed=seed, tried=tried, law=breach.law, what=breach.what, at=breach.at)
    return None


def finds(bug: Planted, seed: int) -> Violation | None:
    """The first breach in the schedule of this seed of a law that the bug breaks; None where there
    is none, or where there is one by then without the bug."""
    with present(bug):
        breach = _breach(bug, seed)
    if breach is None:
        return None
    with unguarded(bug):
        without = _breach(bug, seed, end=breach.at)
    return breach if without is None or without.at > breach.at else None


def _breach(bug: Planted, seed: int, end: float = math.inf) -> Violation | None:
    """The first breach, in the whole schedule or until this moment."""
    outcome = play(SHAPES[bug.shape](seed), seed, until=bug.laws, end=end)
    return next((each for each in outcome.violations if each.law in bug.laws), None)
