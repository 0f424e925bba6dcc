"""Questions asked together: whoever asks while one is under way goes into the next of its sort.

To hand a question to the database costs many times what it costs there to look up one more row. So
nobody is made to wait for company, and where a thousand ask at once, as after a start, few
questions answer them all. An answer is of a moment after it was asked for.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import Final, Generic, TypeVar

from vmuster.model.errors import Corrupt

_Key = TypeVar("_Key")
_Answer = TypeVar("_Answer")

KEYS_MAX: Final = 500
"""Keys in one question (L10)."""


class Together(Generic[_Key, _Answer]):
    """Questions of one sort. `ask` answers those for many keys at once, by key; a key that it does
    not answer has no answer."""

    def __init__(
        self, ask: Callable[[Collection[_Key]], Awaitable[Mapping[_Key, _Answer]]]
    ) -> None:
        self._ask = ask
        self._waiting = defaultdict[_Key, list[asyncio.Future[_Answer | None]]](list)
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, key: _Key) -> _Answer | None:
        """What is found for `key`; None for nothing. Raises what `ask` raises."""
        told: asyncio.Future[_Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting[key].append(told)
        if self._asking is None:
            self._asking = asyncio.create_task(self._work())
        return await told

    async def finished(self) -> None:
        """Let all that was asked be answered."""
        if self._asking is not None:
            await asyncio.wait([self._asking])

    async def _work(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:KEYS_MAX]
                await self._tell({key: self._waiting.pop(key) for key in keys})
        finally:
            self._asking = None

    async def _tell(self, some: Mapping[_Key, Sequence[asyncio.Future[_Answer | None]]]) -> None:
        """Answer some keys. One row that can't be read is the affair of who asks for it."""
        try:
            found = await self._ask(some.keys())
        except Exception as error:
            if isinstance(error, Corrupt) and len(some) > 1:
                for key, waiting in some.items():
                    await self._tell({key: waiting})
                return
            for told in chain.from_iterable(some.values()):
                if not told.done():
                    told.set_exception(error)
            return
        for key, waiting in some.items():
            for told in waiting:
                if not told.done():
                    told.set_result(found.get(key))
