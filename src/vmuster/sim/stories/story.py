"""A story: a short play in a simulated fleet, with what is expected of it."""

import re
from typing import Final

import msgspec

from vmuster.sim.verbs.verb import Step

RULER: Final = "---"
"""The line between what people have written and what happened."""
SEED: Final = 1
"""The seed of a story that names none."""
_ID: Final = re.compile(r"[FTL]\d{1,2}|complaint \d{1,2}")


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`title`: in plain words. `about`: what it is a story of, by the ids of faults, threats,
    complaints and laws. `happened`: the lines below the ruler, None where there is none yet."""

    title: str
    steps: tuple[Step, ...]
    about: tuple[str, ...] = ()
    seed: int = SEED
    happened: tuple[str, ...] | None = None


def split_title(words: str) -> tuple[tuple[str, ...], str]:
    """The ids and the title of a first line such as `F47, complaint 1: a VM is moved by hand`."""
    ids, colon, title = words.partition(":")
    about = tuple(each.strip() for each in ids.split(","))
    if colon and title.strip() and all(_ID.fullmatch(each) for each in about):
        return about, title.strip()
    return (), words.strip()
