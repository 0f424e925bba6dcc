"""Work that is seen through, whoever is cancelled while they wait for it.

A statement that is cut off leaves its connection, and the lock that it holds, in nobody's hands;
one that goes on after its transaction was ended is written for good.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


async def to_the_end(work: Coroutine[Any, Any, _T]) -> _T:
    """What `work` gives. Who is cancelled meanwhile is so once it is done."""
    task, cancelled = asyncio.create_task(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result
