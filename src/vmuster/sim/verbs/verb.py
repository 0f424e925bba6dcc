"""A verb: one kind of thing that can happen, with the sentence that says it.

A step of a story is a verb with its words. Random schedules and written stories are made of the
same steps, so that what a seed did can be read, shortened, and kept as a story.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from vmuster.sim.world.world import World

_PLACE: Final = re.compile(r"\{(\w+)\}")
_WORD: Final = {
    "actor": "anna|bert",
    "mode": "observe|manage|cordoned|maintenance",
    "seconds": r"\d+(?:\.\d+)?",
    "number": r"-?\d+(?:\.\d+)?",
    "share": r"\d+",
    "what": r".+",
    "words": r'[^"]+',
}
"""How a word of a sentence looks, by the name of its place; any other is one word."""


Deed = Callable[..., Awaitable[None]]
"""What happens: it is called with the world and the words of a sentence."""


class Kind(StrEnum):
    SETTING = "setting"
    """What is there from the beginning."""
    REQUEST = "request"
    """A person asks vmuster for something."""
    HAND = "hand"
    """Somebody acts past vmuster, on a host."""
    FAULT = "fault"
    """Something breaks."""
    HEAL = "heal"
    """Something is mended."""
    EXPECT = "expect"
    """What must be so."""


class Verb(msgspec.Struct, frozen=True, kw_only=True):
    """`form`: its sentence, with a place in braces for each word, such as "{host} is cut off".

    `do` is called with the world and the words. What can't be done as things are (a VM that is not
    there) is passed over where `do` raises `Pointless`.
    """

    form: str
    kind: Kind
    what: str
    do: Deed

    @property
    def places(self) -> tuple[str, ...]:
        """The names of its places."""
        return tuple(_PLACE.findall(self.form))

    def sentence(self, words: Sequence[str]) -> str:
        """The sentence with its words."""
        rest = iter(words)
        return _PLACE.sub(lambda _match: next(rest), self.form)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happens. `at`: seconds since the server served for the first time; None: as
    soon as the step before is done."""

    verb: str
    words: tuple[str, ...] = ()
    at: float | None = None


class Pointless(Exception):
    """As things are, this can't be done; nothing happens."""


class Unmet(Exception):
    """What was expected is not so; says what is."""


class Grammar:
    """The verbs by their forms; no two read alike."""

    def __init__(self, verbs: Sequence[Verb]) -> None:
        self.verbs: Mapping[str, Verb] = {verb.form: verb for verb in verbs}
        if len(self.verbs) != len(verbs):
            raise ValueError("two verbs have one form")
        self._patterns = [(_pattern(verb.form), verb) for verb in verbs]

    def step(self, sentence: str, at: float | None) -> Step:
        """The step that a sentence says. Raises `ValueError` where no verb, or more than one, has
        such a form."""
        found = [(v, m) for pattern, v in self._patterns if (m := pattern.fullmatch(sentence))]
        if len(found) != 1:
            raise ValueError(
                f"{'nothing' if not found else 'more than one thing'} reads: {sentence}"
            )
        verb, match = found[0]
        return Step(verb=verb.form, words=match.groups(), at=at)

    def sentence(self, step: Step) -> str:
        """The sentence of a step."""
        return self.verbs[step.verb].sentence(step.words)

    async def do(self, world: World, step: Step) -> None:
        """Have it happen."""
        await self.verbs[step.verb].do(world, *step.words)


def _pattern(form: str) -> re.Pattern[str]:
    parts = _PLACE.split(form)
    pieces = [
        re.escape(part) if number % 2 == 0 else f"({_WORD.get(part, r'[^ ,]+')})"
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(pieces))
