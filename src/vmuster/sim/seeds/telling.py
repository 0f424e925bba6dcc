"""What came of many schedules, in lines for people."""

from collections.abc import Iterator
from typing import Final

from vmuster.model.text import counted
from vmuster.sim.laws.sometimes import REACHED
from vmuster.sim.play import Outcome
from vmuster.sim.seeds.running import Tally, first_of_each
from vmuster.sim.seeds.schedule import story_of
from vmuster.sim.seeds.shrinking import Enough, shrunk
from vmuster.sim.stories.story import Story
from vmuster.sim.stories.writing import written

_LAST: Final = 40
"""Events that are shown of a run in which a law was broken."""


def missed(tally: Tally) -> list[str]:
    """The rare states that were never reached, and should be in enough schedules."""
    return [name for name in REACHED if not tally.sometimes.get(name)]


def lines_of(tally: Tally, steps: int, cpu_seconds: float) -> Iterator[str]:
    """The sums, and the rare states that were never reached."""
    yield f"{counted(tally.schedules, 'schedule')}, {tally.simulated_hours:.1f} simulated hours,"
    pace = f", {steps / cpu_seconds:,.0f} per second of CPU" if cpu_seconds else ""
    yield f"{counted(tally.faults, 'fault')}, {counted(steps, 'step')}{pace}"
    yield f"{counted(len(tally.violations), 'violation')}"
    for broken in tally.violations:
        yield f"  seed {broken.seed}: {broken.law}: {broken.what}"
    reached = [f"{count:>8}  {name}" for name, count in tally.sometimes.items()]
    yield "rare states:"
    yield from reached
    if never := missed(tally):
        yield "never reached:"
        yield from (f"          {name}" for name in never)


def lines_of_failure(outcome: Outcome, enough: Enough) -> Iterator[str]:
    """The last events before the first violation, and the shortest story that breaks the law, as
    far as one is found until it is `enough`."""
    first = first_of_each(outcome.violations)[0]
    place = next(n for n, line in enumerate(outcome.loud) if f"!: {first.law}: " in line)
    yield f"seed {outcome.seed}: the last {_LAST} events before {first.law} was broken:"
    yield from outcome.loud[max(0, place + 1 - _LAST) : place + 1]
    yield ""
    yield "shortened:"
    steps = shrunk(story_of(outcome.seed), outcome.seed, first.law, enough=enough)
    title = f"seed {outcome.seed}: {first.what}"
    yield written(Story(title=title, about=(first.law,), seed=outcome.seed, steps=steps))


def lines_of_planted(found: dict[str, int | None]) -> Iterator[str]:
    """Which bugs were found, and by which seed first."""
    width = max(map(len, found), default=0)
    for name, seed in found.items():
        yield f"{name:<{width}}  {'not found' if seed is None else f'seed {seed}'}"
    missed = sum(seed is None for seed in found.values())
    yield f"{len(found) - missed} of {counted(len(found), 'planted bug')} found"
