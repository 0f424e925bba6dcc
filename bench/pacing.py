"""Load at a steady pace: each thing has its moment, however busy everybody is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

_T = TypeVar("_T")
_TICK_SECONDS: Final = 0.002


async def paced(
    things: Iterable[_T], per_second: float, do: Callable[[_T, float], Awaitable[None]]
) -> None:
    """Do each thing at its moment, or as soon after it as can be; `do` is given the moment, by
    `time.perf_counter`: who comes late has waited since then."""
    begun = time.perf_counter()
    for number, thing in enumerate(things):
        due = begun + number / per_second
        while time.perf_counter() < due:  # noqa: ASYNC110  # a moment rings no bell
            await asyncio.sleep(min(_TICK_SECONDS, max(0.0, due - time.perf_counter())))
        await do(thing, due)
