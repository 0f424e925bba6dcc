"""Many seeds, in as many processes as there is work for: what they add up to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from itertools import islice
from multiprocessing import get_context
from typing import Final

import msgspec

from vmuster.sim.laws.law import Violation
from vmuster.sim.planted.finding import found
from vmuster.sim.play import Outcome, play
from vmuster.sim.seeds.schedule import story_of

_AT_ONCE: Final = 4
"""Seeds that a process is given at a time."""

Told = Callable[[], object]
"""Is told of each seed, or bug, that is done."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A law that was broken in the schedule of a seed."""

    seed: int
    law: str
    what: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What schedules add up to. `planted`: of each bug the first seed that found it, if one did."""

    schedules: int
    simulated_hours: float
    faults: int
    violations: tuple[Broken, ...]
    sometimes: dict[str, int]
    planted: dict[str, int | None]


def tally(outcomes: Iterable[Outcome], planted: dict[str, int | None]) -> Tally:
    """What these add up to, whatever their order."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.seed)
    sometimes: Counter[str] = Counter()
    for outcome in ordered:
        sometimes.update(outcome.sometimes)
    return Tally(
        schedules=len(ordered),
        simulated_hours=round(sum(outcome.seconds for outcome in ordered) / 3600.0, 3),
        faults=sum(outcome.faults for outcome in ordered),
        violations=tuple(
            Broken(seed=outcome.seed, law=violation.law, what=violation.what)
            for outcome in ordered
            for violation in outcome.violations
        ),
        sometimes=dict(sorted(sometimes.items())),
        planted=planted,
    )


def run_seeds(seeds: Sequence[int], jobs: int, told: Told) -> list[Outcome]:
    """The outcome of the schedule of each seed."""
    if jobs <= 1:
        return [outcome for some in _parts(seeds) for outcome in _told(_played(some), told)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(_played, some) for some in _parts(seeds)]
        return [outcome for part in as_completed(parts) for outcome in _told(part.result(), told)]


def find_planted(
    names: Sequence[str], seeds: Sequence[int], jobs: int, told: Told
) -> dict[str, int | None]:
    """Of each planted bug the first of these seeds that finds it; None where none does."""
    first: dict[str, int | None] = {}
    if jobs <= 1:
        for name in names:
            first[name] = found(name, seeds)
            told()
        return first
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        searches: dict[Future[int | None], str] = {
            pool.submit(found, name, seeds): name for name in names
        }
        for search in as_completed(searches):
            first[searches[search]] = search.result()
            told()
    return {name: first[name] for name in names}


def outcome_of(seed: int) -> Outcome:
    """The outcome of the schedule of a seed."""
    return play(story_of(seed), seed)


def _played(seeds: Sequence[int]) -> list[Outcome]:
    """Without what happened where no law was broken: nobody reads it."""
    outcomes = [outcome_of(seed) for seed in seeds]
    return [
        each if each.violations else msgspec.structs.replace(each, loud=(), course=())
        for each in outcomes
    ]


def _told(outcomes: list[Outcome], told: Told) -> list[Outcome]:
    for _outcome in outcomes:
        told()
    return outcomes


def _parts(seeds: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(seeds)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def first_of_each(violations: Iterable[Violation]) -> list[Violation]:
    """The first violation of each law."""
    first: dict[str, Violation] = {}
    for violation in violations:
        first.setdefault(violation.law, violation)
    return list(first.values())
