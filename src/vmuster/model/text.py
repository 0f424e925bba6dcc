"""Untrusted text made safe to keep and to show.

Names come from hypervisors and may hold anything: control bytes, bidirectional overrides, a
megabyte of `A`. They are kept losslessly up to a bound and shown in a visible form (T10, T17).
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

NAME_CHARACTERS_MAX: Final = 256
"""Longest name kept, in code points; longer ones are cut and end in an ellipsis."""

WORDS_CHARACTERS_MAX: Final = 500
"""What is kept of the words of an agent or a hypervisor."""

_LISTED_MAX: Final = 5
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def bounded(text: str, characters_max: int = NAME_CHARACTERS_MAX) -> str:
    """`text`, cut to `characters_max` code points; a cut is marked by a final ellipsis."""
    return text if len(text) <= characters_max else text[: characters_max - 1] + "…"


def safe(text: str) -> str:
    """Words of an agent or a hypervisor, bounded and visible: they may hold anything."""
    return visible(bounded(text, WORDS_CHARACTERS_MAX))


def visible(text: str) -> str:
    """`text` with every character that hides, moves or reorders others written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _HIDDEN_CATEGORIES
        else character
        for character in text
    )


def listed(words: Sequence[str]) -> str:
    """Some words; of many, the first ones and how many more."""
    more = len(words) - _LISTED_MAX
    return ", ".join(words[:_LISTED_MAX]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, thing: str) -> str:
    """How many of a thing, in words: `1 host`, `2 hosts`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
