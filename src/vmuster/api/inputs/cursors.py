"""Cursors: where the next page of a list begins, as a text that nobody needs to understand.

A cursor is bound to its question: with another filter beside it, it would pass over things that
were never shown, so it is refused there. It holds nothing secret, and nothing that it says is
believed: a place that was thought up is a place in the order like any other.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi.exceptions import RequestValidationError

_T = TypeVar("_T")
CHARACTERS_MAX: Final = 4096
"""A place holds one name at most; each of its characters may need six, before base64."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A whole number in a place, as far as databases count."""
_DIGITS: Final = 16


def question_of(path: str, filters: Iterable[tuple[str, str]]) -> str:
    """A digest of what is asked: the path, and the filters in any order."""
    said = msgspec.json.encode([path, sorted(filters)])
    return hashlib.sha256(said).hexdigest()[:_DIGITS]


def cursor_of(question: str, place: tuple[Any, ...]) -> str:
    """The cursor of what comes after `place`."""
    return urlsafe_b64encode(msgspec.json.encode((question, place))).decode("ascii").rstrip("=")


def place_in(cursor: str, question: str, kind: type[_T]) -> _T:
    """The place that `cursor` holds. `RequestValidationError` where it is none of this question."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = urlsafe_b64decode(padded.encode("ascii"))
        asked, place = msgspec.json.decode(said, type=tuple[str, kind])
    except (ValueError, msgspec.MsgspecError):
        raise _wrong("it is no cursor of this server") from None
    if asked != question:
        raise _wrong("it is of another question: keep the filters with which the list began")
    return place


def _wrong(why: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("query", "cursor"), "msg": why}])
