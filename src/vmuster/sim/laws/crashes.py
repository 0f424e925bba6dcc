"""Nothing in the shipped code fails by a mistake of its own: no task dies of what nobody expects.

What the shipped code logs and what it lets fall is looked through for errors. What it says on
purpose, a lost link, a hypervisor, disk or database that does not answer, a task that was told to
end, are the world's; every other error is a bug.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from vmuster.model.errors import VmusterError
from vmuster.ports.driver import DriverError
from vmuster.ports.link import LinkClosed
from vmuster.sim.laws.law import Law

_NAMED: Final = re.compile(r"\b([A-Z]\w+)\(")
_WORLDLY: Final = (
    VmusterError,
    LinkClosed,
    DriverError,
    OSError,
    TimeoutError,
    asyncio.CancelledError,
    BaseExceptionGroup,
)
"""A group is none of itself: what it is made of is looked at."""


class Crashes(Law):
    """See above."""

    name = "crash"

    def logged(self, process: str, event: Mapping[str, object]) -> None:
        """A line of the log at warning or worse, and the error in its words."""
        why = str(event.get("why", ""))
        if any(_is_bug(name) for name in _NAMED.findall(why)):
            self.violate(f"{process} says: {event.get('event')}: {why}")

    def failed(self, process: str, error: BaseException) -> None:
        """An error that nobody took."""
        bugs = [each for each in leaves(error) if not isinstance(each, _WORLDLY)]
        if bugs:
            self.violate(f"{process} failed: {bugs[0]!r}")


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group is made of."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            yield from leaves(each)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield error


@lru_cache
def _is_bug(name: str) -> bool:
    """Whether errors are called so, and none of them is the world's."""
    kinds = [kind for kind in _kinds(BaseException) if kind.__name__ == name]
    return bool(kinds) and not any(issubclass(kind, _WORLDLY) for kind in kinds)


def _kinds(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)
