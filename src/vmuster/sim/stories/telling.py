"""Plays a story file under all laws, and says in plain words what is not as it was written."""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Final

import msgspec

from vmuster.model.errors import Refused
from vmuster.model.text import visible
from vmuster.sim.laws.all import LAWS
from vmuster.sim.play import Outcome, play
from vmuster.sim.stories.reading import read, read_text
from vmuster.sim.stories.story import Story
from vmuster.sim.stories.writing import rewritten

_DIFFERENT_MAX: Final = 60
"""Lines of a difference that are shown."""
_LINE: Final = re.compile(r"\s*(\d+\.\d+)  (.*)")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a story. `title`: empty where it can't be read; `lines`: for people;
    `exit_code`: 0 where it went as it is written."""

    path: Path
    title: str
    lines: tuple[str, ...]
    exit_code: int


def told(path: Path, *, update: bool, seed: int | None = None) -> Told:
    """Play the story of this file under all laws, and hold what happened against what is written.

    `update`: write down what happened instead; not where a law or an expectation was broken.
    `seed`: another seed than the story's own; what is expected must be so all the same, and what
    happened is neither compared nor written.
    """
    try:
        text = read_text(path)
        story = read(text, path.name)
    except Refused as error:
        return _told(path, "", str(error).splitlines(), 1)
    outcome = play(story.steps, story.seed if seed is None else seed, LAWS)
    happened = thinned(outcome)
    wrong = list(_wrong(outcome))
    if wrong:
        wrong += ["what happened:", *(f"    {line}" for line in happened)]
    elif seed is None and update:
        _ = path.write_text(rewritten(text, happened), encoding="utf-8")
    elif seed is None:
        wrong = list(_different(story, happened))
    verdict = "NOT SO" if wrong else "so it is"
    said = [f"{path.name}: {story.title}: {verdict}", *wrong]
    return _told(path, story.title, said, 1 if wrong else 0)


def _told(path: Path, title: str, lines: Sequence[str], exit_code: int) -> Told:
    """Lines may hold whatever the file does: they are shown in a visible form."""
    shown = tuple(visible(line) for line in lines)
    return Told(path=path, title=visible(title), lines=shown, exit_code=exit_code)


def thinned(outcome: Outcome) -> tuple[str, ...]:
    """What happened in the story itself, at whole seconds: what is kept below the ruler."""
    return tuple(_rounded(line) for line in outcome.course)


def _rounded(line: str) -> str:
    match = _LINE.fullmatch(line)
    return line if match is None else f"{float(match[1]):6.0f}  {match[2]}"


def _wrong(outcome: Outcome) -> Iterator[str]:
    """What no story may have."""
    for violation in outcome.violations:
        yield f"law {violation.law} was broken at {violation.at:.1f}: {violation.what}"
    for unmet in outcome.unmet:
        yield f"not so: {unmet}"
    for pointless in outcome.pointless:
        yield f"this could not be done: {pointless}"


def _different(story: Story, happened: Sequence[str]) -> Iterator[str]:
    if story.happened is None:
        yield "nothing is written below a ruler yet; --update writes what happened"
        return
    lines = list(unified_diff(story.happened, happened, "written", "happened", lineterm="", n=2))
    if lines:
        yield "it went another way than is written; --update writes down the new one:"
        yield from (f"    {line}" for line in lines[:_DIFFERENT_MAX])
    if len(lines) > _DIFFERENT_MAX:
        yield f"    and {len(lines) - _DIFFERENT_MAX} lines more"
