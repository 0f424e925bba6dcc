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
from vmuster.sim.play import Outcome, play


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """How a bug was found: by which seed, as the how-manieth that was tried, and of which law.
    `what`: what broke it, in words; `at`: seconds since that run began."""

    seed: int
    tried: int
    law: str
    what: str
    at: float


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a bug in the schedule of one seed. `breach`: of a law that the bug breaks;
    `played`: the runs that it took, with the bug and without."""

    breach: Violation | None
    played: tuple[Outcome, ...]


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A whole search: what it found, and how many runs it took, of so many seconds in all, with so
    many faults."""

    find: Find | None
    schedules: int
    seconds: float
    faults: int


def search(name: str, seeds: Iterable[int]) -> Search:
    """Look for the first of these seeds that finds the planted bug of this name.

    Raises `KeyError` where there is no such bug.
    """
    bug, find = CATALOGUE[name], None
    schedules, seconds, faults = 0, 0.0, 0
    for number, seed in enumerate(seeds, 1):
        it = tried(bug, seed)
        schedules += len(it.played)
        seconds += sum(outcome.seconds for outcome in it.played)
        faults += sum(outcome.faults for outcome in it.played)
        if it.breach is not None:
            law, what, at = it.breach.law, it.breach.what, it.breach.at
            find = Find(seed=seed, tried=number, law=law, what=what, at=at)
            break
    return Search(find=find, schedules=schedules, seconds=seconds, faults=faults)


def first(name: str, seeds: Iterable[int]) -> Find | None:
    """As `search`: only what it found; None where no seed finds the bug."""
    return search(name, seeds).find


def tried(bug: Planted, seed: int) -> Tried:
    """The first breach in the schedule of this seed of a law that the bug breaks; none where there
    is none, or where there is one by then without the bug."""
    with present(bug):
        breach, outcome = _breach(bug, seed)
    if breach is None:
        return Tried(breach=None, played=(outcome,))
    with unguarded(bug):
        without, other = _breach(bug, seed, end=breach.at)
    real = without is None or without.at > breach.at
    return Tried(breach=breach if real else None, played=(outcome, other))


def _breach(bug: Planted, seed: int, end: float = math.inf) -> tuple[Violation | None, Outcome]:
    """The first breach, in the whole schedule or until this moment; and the run."""
    outcome = play(SHAPES[bug.shape](seed), seed, until=bug.laws, end=end)
    return next((each for each in outcome.violations if each.law in bug.laws), None), outcome
