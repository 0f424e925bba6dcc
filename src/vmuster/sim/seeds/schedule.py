"""A story of chance: a fleet, people who use it, people who act past it, and all that breaks.

The same seed gives the same story, on every machine. What happens is drawn from tables, each with a
stream of chance of its own; some of it meets within moments (`races`), or comes in a row with a
plan (`nemeses`). At the end everything is healed, and there is time to settle.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast, Chancy, happening, step
from vmuster.sim.seeds.fleets import Scene, scene_of
from vmuster.sim.seeds.nemeses import NEMESES
from vmuster.sim.seeds.people import HANDS, REQUESTS
from vmuster.sim.seeds.races import race
from vmuster.sim.seeds.troubles import TROUBLES
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.verb import Step

_LEAST_SECONDS: Final = 1_020.0
_MOST_SECONDS: Final = 1_320.0
_BEGUN_SECONDS: Final = 40.0
"""Until then VMs are adopted, and nothing else happens."""
_SETTLED_SECONDS: Final = 60.0
"""After everything is healed; the laws take what more they need."""
_ADOPTED: Final = 0.85
"""The share of VMs that somebody adopts early, of those that somebody would."""
_PACES: Final[Mapping[str, tuple[float, float]]] = {
    "requests": (12.0, 40.0),
    "hands": (7.0, 25.0),
    "troubles": (8.0, 60.0),
    "nemeses": (250.0, 600.0),
    "races": (40.0, 120.0),
}
"""Of each kind: about every how many seconds, in a busy and in a lazy schedule."""


def story_of(seed: int) -> tuple[Step, ...]:
    """The story of a seed."""
    chance = Chance(seed, "schedule")
    scene = scene_of(chance.stream("fleet"))
    until = chance.between(_LEAST_SECONDS, _MOST_SECONDS)
    events = [
        *_early(scene, chance.stream("early")),
        *_events(REQUESTS, scene.cast, chance.stream("requests"), _PACES["requests"], until),
        *_events(HANDS, scene.cast, chance.stream("hands"), _PACES["hands"], until),
        *_events(TROUBLES, scene.cast, chance.stream("troubles"), _PACES["troubles"], until),
        *_races(scene.cast, chance.stream("races"), until),
        *_plans(scene.cast, chance.stream("nemeses"), until),
    ]
    before = [each for each in events if each.at is not None and each.at < until]
    return (
        *scene.steps,
        step("the server is watched over", None, {}),
        *sorted(before, key=_moment),
        step(HEALED, until, {}),
        step("end", until + _SETTLED_SECONDS, {}),
    )


def _moment(each: Step) -> float:
    return each.at or 0.0


def _early(scene: Scene, chance: Chance) -> Iterator[Step]:
    """Most of what can be adopted is."""
    for vm in scene.cast.ours:
        if chance.happens(_ADOPTED):
            at = chance.between(5.0, _BEGUN_SECONDS)
            yield step("{actor} adopts {vm}", at, {"actor": "anna", "vm": vm})


def _events(
    rows: Sequence[Chancy], cast: Cast, chance: Chance, paces: tuple[float, float], until: float
) -> Iterator[Step]:
    """Events of these kinds, at a pace of chance."""
    weights = [row.weight for row in rows]
    every = chance.between(*paces)
    at = _BEGUN_SECONDS
    while (at := at + chance.between(0.0, 2 * every)) < until:
        yield from happening(chance.weighted(rows, weights), cast, chance, at)


def _races(cast: Cast, chance: Chance, until: float) -> Iterator[Step]:
    """One VM after the other, with much happening to it at once."""
    every = chance.between(*_PACES["races"])
    at = _BEGUN_SECONDS
    while (at := at + chance.between(0.0, 2 * every)) < until:
        yield from race(cast, chance, at)


def _plans(cast: Cast, chance: Chance, until: float) -> Iterator[Step]:
    """Troubles with a plan, one after the other."""
    kinds, weights = tuple(NEMESES), tuple(NEMESES.values())
    every = chance.between(*_PACES["nemeses"])
    at = _BEGUN_SECONDS
    while (at := at + chance.between(0.5 * every, 1.5 * every)) < until:
        yield from chance.weighted(kinds, weights)(cast, chance, at)
