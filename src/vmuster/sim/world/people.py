"""People: they ask for something as a good client does, and are told that it is taken.

A request whose answer does not come may have been taken in all the same. So it is asked for again
under the same idempotency key, until an answer comes or patience ends.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar, cast

from vmuster.model.errors import Unavailable
from vmuster.model.operations import Operation
from vmuster.server.service import Service
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.decided import ASKING, Asking, Word
from vmuster.sim.world.truth import Asked

T = TypeVar("T")
Request = Callable[[Service, str], Coroutine[Any, Any, T]]
"""What is asked of a server, under an idempotency key."""

PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each repetition, in seconds: those of the shipped client."""


class Ask(Protocol):
    """As `World.ask`."""

    async def __call__(self, request: Callable[[Service], Coroutine[Any, Any, T]]) -> T: ...


class Person:
    """Somebody with a name, who asks for things."""

    def __init__(self, name: str, ask: Ask, chronicle: Chronicle) -> None:
        self.name = name
        self._ask = ask
        self._chronicle = chronicle
        self._last: tuple[str, str, Request[Any], tuple[Word, ...]] | None = None

    async def ask(self, what: str, request: Request[T], *words: Word) -> T:
        """Ask for something, in words `what`, until there is an answer; `words`: what it decides.
        Raises what the server says, and `Unavailable` where no answer comes for long."""
        key = f"{self.name} {self._chronicle.now:.6f} {what}"
        self._last = (what, key, request, words)
        return await self._insist(*self._last)

    async def ask_again(self) -> None:
        """Ask for the same thing again, under the same key, as after an answer that was lost.
        Raises `LookupError` where nothing was asked for yet."""
        if self._last is None:
            raise LookupError(f"{self.name} has asked for nothing yet")
        _ = await self._insist(*self._last)

    async def ask_twice(self, what: str, request: Request[T]) -> T:
        """Ask for something two times at once, under one key. Raises as `ask`, where both fail."""
        key = f"{self.name} {self._chronicle.now:.6f} {what}"
        self._last = (what, key, request, ())
        twice = (self._insist(what, key, request, ()) for _ in range(2))
        one, other = await asyncio.gather(*twice, return_exceptions=True)
        if isinstance(one, BaseException) and isinstance(other, BaseException):
            raise one
        return other if isinstance(one, BaseException) else one  # pyright: ignore[reportReturnType]

    async def _insist(self, what: str, key: str, request: Request[T], words: tuple[Word, ...]) -> T:
        for pause in PAUSES:
            try:
                return await self._once(what, key, request, words)
            except Unavailable:
                await asyncio.sleep(pause)
        return await self._once(what, key, request, words)

    async def _once(self, what: str, key: str, request: Request[T], words: tuple[Word, ...]) -> T:
        now = self._chronicle.now
        asking = Asking(at=now, actor=self.name, key=key, what=what, words=words)
        self._chronicle.asking(asking)
        outside = ASKING.set(asking)
        try:
            answer = await self._ask(lambda service: request(service, key))
        finally:
            ASKING.reset(outside)
        for operation in _operations(answer) or [None]:
            at = self._chronicle.now
            asked = Asked(at=at, actor=self.name, what=what, operation=operation, asking=asking)
            self._chronicle.asked(asked)
        return answer


def _operations(answer: object) -> list[Operation]:
    """What was taken in, as far as it has a life of its own: one operation, or several."""
    answers = cast("list[object]", answer) if isinstance(answer, list) else [answer]
    return [each for each in answers if isinstance(each, Operation)]
