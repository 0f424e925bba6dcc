"""Nothing in the shipped code fails by a mistake of its own: no task dies of what nobody expects.

What the shipped code logs and what it lets fall is looked through for errors that only a bug
raises. A lost link, a hypervisor or database that does not answer, are the world's.
"""

import builtins
import re
from collections.abc import Iterator, Mapping
from typing import Final

from vmuster.sim.laws.law import Law

_NAMED: Final = re.compile(r"\b([A-Z]\w+)\(")
_WORLDLY: Final = (OSError, ExceptionGroup)
_BUGS: Final = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _WORLDLY)
) | {
    "InvalidStateError",
    "ValidationError",
    "DecodeError",
    "QueueFull",
    "QueueEmpty",
    "IllegalTransition",
}
"""The errors that no part of the shipped code raises to say something of the world."""


class Crashes(Law):
    """See above."""

    name = "crash"

    def logged(self, process: str, event: Mapping[str, object]) -> None:
        """A line of the log at warning or worse, and the error in its words."""
        why = str(event.get("why", ""))
        if _BUGS.intersection(_NAMED.findall(why)):
            self.violate(f"{process} says: {event.get('event')}: {why}")

    def failed(self, process: str, error: BaseException) -> None:
        """An error that nobody took."""
        bugs = [each for each in leaves(error) if type(each).__name__ in _BUGS]
        if bugs:
            self.violate(f"{process} failed: {bugs[0]!r}")


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group is made of."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            yield from leaves(each)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield error
