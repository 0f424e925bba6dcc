"""Makes a failing story short: steps that the violation does not need are left out, waits cut.

Delta debugging: parts of half the length, a quarter and so on down to single steps are left out,
wherever the same law is broken all the same. The whole is bounded by a number of plays: what is
left then is a story that breaks the law too, only not the shortest. The healing at the end is never
left out: without it any fault would be one from which the fleet does not recover.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from vmuster.sim.laws.all import LAWS
from vmuster.sim.laws.law import Law, Violation
from vmuster.sim.play import play
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.verb import Step

PLAYS_MAX: Final = 400
_SHORTEST_SECONDS: Final = 1.0
"""A wait that is shorter than this is not worth a play."""

Story = tuple[Step, ...]


def shrunk(
    story: Sequence[Step],
    seed: int,
    law: str,
    laws: Sequence[type[Law]] = LAWS,
    plays_max: int = PLAYS_MAX,
) -> Story:
    """A shorter story that breaks this law in the world of this seed, as `story` does; the same one
    where it does not. At most `plays_max` stories are played for it."""
    search = _Search(seed, law, [each for each in laws if each.name == law], plays_max)
    violation = search.violation(story)
    if violation is None:
        return tuple(story)
    end = next((n for n, step in enumerate(story) if step.verb == HEALED), len(story))
    steps, tail = tuple(story[:end]), tuple(story[end:])
    steps = _until(search, steps, tail, violation.at)
    steps = _without(search, steps, tail)
    return _sooner(search, (*steps, *tail))


class _Search:
    """Plays stories until it has played so many."""

    def __init__(self, seed: int, law: str, laws: Sequence[type[Law]], plays: int) -> None:
        self._seed = seed
        self._law = law
        self._laws = laws
        self.plays = plays

    def violation(self, story: Sequence[Step]) -> Violation | None:
        """How the law is broken first by this story, if it is."""
        self.plays -= 1
        broken = play(story, self._seed, self._laws).violations
        return next((each for each in broken if each.law == self._law), None)

    def breaks(self, story: Sequence[Step]) -> bool:
        """Whether the law is broken by this story, as far as plays are left to know it."""
        return self.plays > 0 and self.violation(story) is not None


def _until(search: _Search, steps: Story, tail: Story, at: float) -> Story:
    """The steps before the violation, where those suffice."""
    early = tuple(step for step in steps if step.at is None or step.at <= at)
    return early if len(early) < len(steps) and search.breaks((*early, *tail)) else steps


def _without(search: _Search, steps: Story, tail: Story) -> Story:
    """The steps without those that are not needed."""
    size = len(steps) // 2
    while size:
        place, shorter = 0, steps
        while place < len(shorter):
            tried = shorter[:place] + shorter[place + size :]
            if search.breaks((*tried, *tail)):
                shorter = tried
            else:
                place += size
        fewer, steps = len(shorter) < len(steps), shorter
        size = min(size, len(steps)) if size == 1 and fewer else size // 2
    return steps


def _sooner(search: _Search, steps: Story) -> Story:
    """The steps with shorter waits between them: none, or half of it."""
    for place in range(len(steps)):
        for share in (1.0, 0.5):
            tried = _hurried(steps, place, share)
            if tried != steps and search.breaks(tried):
                steps = tried
                break
    return steps


def _hurried(steps: Story, place: int, share: float) -> Story:
    """A step, and all after it, sooner by a share of the wait before it."""
    here = steps[place].at
    before = max((step.at for step in steps[:place] if step.at is not None), default=0.0)
    if here is None or here - before < _SHORTEST_SECONDS:
        return steps
    sooner = float(int((here - before) * share))
    return steps[:place] + tuple(
        step if step.at is None else msgspec.structs.replace(step, at=round(step.at - sooner, 3))
        for step in steps[place:]
    )
