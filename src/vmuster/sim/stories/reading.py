"""Reads a story: what people have written above the ruler, and what happened below it.

    # F47, complaint 1: a VM is moved by hand; the record follows it
    # More lines like this may say more.

          host alpha
          web runs on alpha
     10s  anna sets alpha to manage
     20s  anna adopts web
     60s  expect web is recorded as running
     90s  end
    ---
    what happened, written by `vmuster sim --update`

A step with a time begins at that second since the server first served; one without, as soon as the
step above is done. What can't be read is refused with its line, and with what it may have meant.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from vmuster.model.errors import NotFound, Refused
from vmuster.model.text import bounded, safe, visible
from vmuster.sim.stories.story import RULER, SEED, Story, split_title
from vmuster.sim.verbs.expecting.all import inner_step
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step

CHARACTERS_MAX: Final = 1_000_000
"""A longer file is no story."""
_STEP: Final = re.compile(r"(?:(\d+(?:\.\d+)?)s\s+)?(\S.*)")
_SEED: Final = re.compile(r"seed (\d{1,18})")
_MEANT_MAX: Final = 3


class Unreadable(Refused):
    """A story can't be read; says where and why."""


def read_text(path: Path) -> str:
    """The text of a story's file. Raises `NotFound` and `Unreadable`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"there is no file {visible(str(path))}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{visible(str(path))}: {error}") from None
    if len(text) > CHARACTERS_MAX:
        raise Unreadable(f"{visible(str(path))}: longer than {CHARACTERS_MAX} characters")
    return text


def read(text: str, name: str = "story") -> Story:
    """The story that a text tells. `name`: of its file, for messages. Raises `Unreadable`."""
    lines = text.splitlines()
    ruler = lines.index(RULER) if RULER in lines else None
    happened = None if ruler is None else tuple(lines[ruler + 1 :])
    title, seed, steps = "", SEED, list[Step]()
    for number, line in enumerate(lines[:ruler], start=1):
        words = line.strip()
        try:
            if words.startswith("#"):
                title = title or words.strip("# ")
            elif chosen := _SEED.fullmatch(words):
                seed = int(chosen[1])
            elif words:
                steps.append(_step(words, steps))
        except ValueError as error:
            raise Unreadable(f"{visible(name)}:{number}: {error}") from None
    if not title:
        raise Unreadable(
            f"{visible(name)}:1: a story begins with its title", hint="# F13: a report comes twice"
        )
    if not steps:
        raise Unreadable(f"{visible(name)}: nothing happens in it")
    about, title = split_title(title)
    return Story(title=title, about=about, seed=seed, steps=tuple(steps), happened=happened)


def _step(words: str, before: Sequence[Step]) -> Step:
    """One line's step. Raises `ValueError` with the reason."""
    time, sentence = _STEP.findall(words)[0]
    at = float(time) if time else None
    latest = max((step.at for step in before if step.at is not None), default=0.0)
    if at is not None and at < latest:
        raise ValueError(f"{at:g}s is before {latest:g}s, the time of a line above")
    try:
        step = GRAMMAR.step(sentence, at)
        _ = inner_step(step)
    except ValueError as error:
        raise ValueError(f"{safe(str(error))}{_meant(sentence)}") from None
    return step


def _meant(sentence: str) -> str:
    """Which forms a sentence that can't be read may have been meant to have."""
    forms = get_close_matches(bounded(sentence), list(GRAMMAR.verbs), n=_MEANT_MAX, cutoff=0.5)
    return "".join(f"\n    perhaps: {form}" for form in forms)
