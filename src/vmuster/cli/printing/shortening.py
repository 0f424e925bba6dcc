"""An id as a person types it: whole, or its first characters where they are unambiguous."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from vmuster.cli.asking.speaking import Failed

_CHARACTERS_MIN: Final = 8
"""Fewer may have become another's since they were read."""
_NAMED_MAX: Final = 5


def whole_id(
    typed: str, listed: Callable[[], Iterable[Mapping[str, Any]]], *, kind: str, hint: str
) -> str:
    """The id that is meant. `listed`: the things it may be one of, asked only if it is not whole.

    Raises `Failed` where it is the beginning of none of their ids, or of several.
    """
    try:
        return str(UUID(typed))
    except ValueError:
        pass
    if len(typed) < _CHARACTERS_MIN:
        raise Failed(
            f"{typed!r} is no {kind} id",
            hint=f"say the whole id, or at least its first {_CHARACTERS_MIN} characters: {hint}",
        )
    fitting = [each["id"] for each in listed() if each["id"].startswith(typed.lower())]
    if len(fitting) == 1:
        return str(fitting[0])
    if fitting:
        raise Failed(f"{typed} may be {' or '.join(fitting[:_NAMED_MAX])}", hint="say more of it")
    raise Failed(f"there is no {kind} {typed} (any more)", hint=hint)
