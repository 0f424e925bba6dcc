"""Makes a failing story short: steps that the violation does not need are left out, waits cut.

Delta debugging: parts of half the length, a quarter and so on down to single steps are left out,
wherever the same law is broken in the same way all the same. Convergence is always played, for it
heals the world and waits before the other laws are judged at the end: without it whatever was asked
for while something was broken would look like a request that never ends. A way is the words of a
violation without its names and numbers: a story that breaks the law otherwise is another story.

The whole is bounded, by the plays, by the steps of all of them, and by whoever waits for it: what
is left then is a story that breaks the law too, only not the shortest. The healing at the end is
never left out: without it any fault would be one from which the fleet does not recover.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from vmuster.sim.laws.all import LAWS
from vmuster.sim.laws.convergence import Convergence
from vmuster.sim.laws.law import Law, Violation
from vmuster.sim.play import play
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step

PLAYS_MAX: Final = 400
STEPS_MAX: Final = 4_000_000
"""Callbacks in all plays: a minute or so."""
_SHORTEST_SECONDS: Final = 1.0
"""A wait that is shorter than this is not worth a play."""
_NAMING: Final = frozenset({"host", "other", "vm", "name", "actor", "cluster", "copy", "address"})
"""Places of sentences in which names stand."""
_NUMBER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?:\.\d+)?")

Story = tuple[Step, ...]
Enough = Callable[[], bool]
"""Whether it has gone on for long enough: a clock of the caller says so."""


def _never() -> bool:
    return False


def shrunk(
    story: Sequence[Step],
    seed: int,
    law: str,
    laws: Sequence[type[Law]] = LAWS,
    plays_max: int = PLAYS_MAX,
    steps_max: int = STEPS_MAX,
    enough: Enough = _never,
) -> Story:
    """A shorter story that breaks this law in the world of this seed, in the way in which `story`
    does first; the same one where it does not. At most `plays_max` stories are played for it, and
    none after so many steps of the loop, or once it is `enough`."""
    named = [each for each in laws if each.name == law and each is not Convergence]
    search = _Search(seed, law, (Convergence, *named), plays_max, steps_max, enough)
    violation = next(iter(search.violations(story)), None)
    if violation is None:
        return tuple(story)
    search.way_of = way_of(story)
    search.way = search.way_of(violation.what)
    end = next((n for n, step in enumerate(story) if step.verb == HEALED), len(story))
    steps, tail = tuple(story[:end]), tuple(story[end:])
    steps = _until(search, steps, tail, violation.at)
    steps = _without(search, steps, tail)
    return _sooner(search, (*steps, *tail))


def way_of(story: Sequence[Step]) -> Callable[[str], str]:
    """What takes the names that this story gives, and all numbers, out of the words of a violation:
    what is left says in which way a law was broken."""
    names = {
        word
        for step in story
        for place, word in zip(GRAMMAR.verbs[step.verb].places, step.words, strict=True)
        if place in _NAMING
    }
    longest_first = sorted(map(re.escape, names), key=lambda name: (-len(name), name))
    name = re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])" if names else r"(?!)")
    return lambda what: _NUMBER.sub("0", name.sub("…", what))


class _Search:
    """Plays stories until it has played so many. `way`: how the law is to be broken."""

    def __init__(
        self,
        seed: int,
        law: str,
        laws: Sequence[type[Law]],
        plays: int,
        steps: int,
        enough: Enough,
    ) -> None:
        self._seed = seed
        self._law = law
        self._laws = laws
        self._plays = plays
        self._steps = steps
        self._enough = enough
        self.way = ""
        self.way_of: Callable[[str], str] = str

    def violations(self, story: Sequence[Step]) -> list[Violation]:
        """How the law is broken by this story, if it is; the first comes first."""
        outcome = play(story, self._seed, self._laws)
        self._plays -= 1
        self._steps -= outcome.steps
        return [each for each in outcome.violations if each.law == self._law]

    def breaks(self, story: Sequence[Step]) -> bool:
        """Whether the law is broken in that way by this story, as far as it may be played."""
        if self._plays <= 0 or self._steps <= 0 or self._enough():
            return False
        return any(self.way_of(each.what) == self.way for each in self.violations(story))


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
