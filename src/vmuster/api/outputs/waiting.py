"""Requests that wait for something to happen, up to a time."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from vmuster.ports.clock import Clock

_T = TypeVar("_T")
_LOOK_SECONDS: Final = 0.1
"""Between two looks at the database: a person does not notice less."""


async def settled(
    clock: Clock,
    read: Callable[[], Awaitable[_T]],
    is_settled: Callable[[_T], bool],
    seconds: float,
) -> _T:
    """What `read` gives once it is settled, or as it is after `seconds`."""
    until = clock.monotonic() + seconds
    value = await read()
    while not is_settled(value) and clock.monotonic() < until:
        await clock.sleep(_LOOK_SECONDS)
        value = await read()
    return value
