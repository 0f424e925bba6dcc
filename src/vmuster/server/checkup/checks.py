"""What a check is, and what it says."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec

from vmuster.model.text import bounded, visible

_Facts = TypeVar("_Facts")
_WORDS_CHARACTERS_MAX: Final = 300


class Verdict(StrEnum):
    """OK; WARNING: it works, and should be mended; FAILED: something does not work."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Found(msgspec.Struct, frozen=True):
    """What a check found. `mend`: how to mend it; empty where there is nothing to mend."""

    verdict: Verdict
    words: str
    mend: str = ""


class Check(msgspec.Struct, Generic[_Facts], frozen=True):
    """One check. `about`: what of the installation it is about; `name`: what it is called."""

    about: str
    name: str
    look: Callable[[_Facts], Found]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What one check said: one line of what was found, and one of how to mend it."""

    about: str
    name: str
    verdict: Verdict
    found: str
    mend: str


def ok(words: str) -> Found:
    """All is well."""
    return Found(Verdict.OK, words)


def warning(words: str, mend: str) -> Found:
    """It works, and should be mended."""
    return Found(Verdict.WARNING, words, mend)


def failed(words: str, mend: str) -> Found:
    """It does not work."""
    return Found(Verdict.FAILED, words, mend)


def checked(checks: Iterable[Check[_Facts]], facts: _Facts) -> list[Checked]:
    """Every check, in its order."""
    return [_checked(check, check.look(facts)) for check in checks]


def _checked(check: Check[_Facts], found: Found) -> Checked:
    return Checked(
        about=check.about,
        name=check.name,
        verdict=found.verdict,
        found=visible(bounded(found.words, _WORDS_CHARACTERS_MAX)),
        mend=visible(bounded(found.mend, _WORDS_CHARACTERS_MAX)),
    )
