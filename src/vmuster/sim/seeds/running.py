"""Many seeds, in as many processes as there is work for: what they add up to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from itertools import islice
from multiprocessing import get_context
from typing import Final

import msgspec

from vmuster.sim.laws.law import Violation
from vmuster.sim.planted.finding import Search, search
from vmuster.sim.play import Outcome, play
from vmuster.sim.seeds.schedule import story_of

_AT_ONCE: Final = 4
"""Seeds that a process is given at a time."""

Told = Callable[[], object]
"""Is told of each seed, or bug, that is done."""
Clock = Callable[[], float]
"""Seconds of this process."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A law that was broken in the schedule of a seed."""

    seed: int
    law: str
    what: str


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What came of seeds. `cpu_seconds`: what the plays took, in all processes, by the clock that
    was handed in."""

    outcomes: tuple[Outcome, ...]
    cpu_seconds: float


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What schedules add up to; with planted bugs those that were played in search of them, and of
    each bug the first seed that found it, if one did."""

    schedules: int
    simulated_hours: float
    faults: int
    violations: tuple[Broken, ...]
    sometimes: dict[str, int]
    planted: dict[str, int | None]


def tally(outcomes: Iterable[Outcome], planted: Mapping[str, Search]) -> Tally:
    """What these add up to, whatever their order."""
    searches = planted.values()
    ordered = sorted(outcomes, key=lambda outcome: outcome.seed)
    sometimes: Counter[str] = Counter()
    for outcome in ordered:
        sometimes.update(outcome.sometimes)
    return Tally(
        schedules=len(ordered) + sum(each.schedules for each in searches),
        simulated_hours=round(sum(each.seconds for each in (*ordered, *searches)) / 3600.0, 3),
        faults=sum(each.faults for each in (*ordered, *searches)),
        violations=tuple(
            Broken(seed=outcome.seed, law=violation.law, what=violation.what)
            for outcome in ordered
            for violation in outcome.violations
        ),
        sometimes=dict(sorted(sometimes.items())),
        planted={
            name: None if each.find is None else each.find.seed for name, each in planted.items()
        },
    )


def run_seeds(seeds: Sequence[int], jobs: int, told: Told, clock: Clock) -> Played:
    """The outcome of the schedule of each seed. `clock` may go to other processes."""
    parts = _parts(seeds)
    if jobs <= 1:
        return _together(_told(_played(some, clock), told) for some in parts)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        under_way = [pool.submit(_played, some, clock) for some in parts]
        return _together(_told(part.result(), told) for part in as_completed(under_way))


def find_planted(
    names: Sequence[str], seeds: Sequence[int], jobs: int, told: Told
) -> dict[str, Search]:
    """The search for each planted bug among these seeds."""
    done: dict[str, Search] = {}
    if jobs <= 1:
        for name in names:
            done[name] = search(name, seeds)
            told()
        return done
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        searches: dict[Future[Search], str] = {
            pool.submit(search, name, seeds): name for name in names
        }
        for each in as_completed(searches):
            done[searches[each]] = each.result()
            told()
    return {name: done[name] for name in names}


def outcome_of(seed: int) -> Outcome:
    """The outcome of the schedule of a seed."""
    return play(story_of(seed), seed)


def _played(seeds: Sequence[int], clock: Clock) -> Played:
    """Without what happened where no law was broken: nobody reads it."""
    began = clock()
    outcomes = [outcome_of(seed) for seed in seeds]
    seconds = clock() - began
    short = tuple(
        each if each.violations else msgspec.structs.replace(each, loud=(), course=())
        for each in outcomes
    )
    return Played(outcomes=short, cpu_seconds=seconds)


def _told(played: Played, told: Told) -> Played:
    for _outcome in played.outcomes:
        told()
    return played


def _together(parts: Iterable[Played]) -> Played:
    done = list(parts)
    outcomes = tuple(outcome for part in done for outcome in part.outcomes)
    return Played(outcomes=outcomes, cpu_seconds=sum(part.cpu_seconds for part in done))


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
