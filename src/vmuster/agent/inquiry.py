"""A question to the witness: asked off the event loop, never waited for longer than it is worth.

A process that is stuck in the kernel can hold up whoever reads of it. The question is put in a
thread of its own, which nothing else needs; while an answer is late there is no way to tell, and
no second question is put (L10, L13).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Inquiry(Generic[T]):
    """One question, put again and again; `question` gives None where there is no way to tell."""

    def __init__(self, question: Callable[[], T | None], *, seconds: float) -> None:
        self._question = question
        self._seconds = seconds
        self._unanswered = False

    async def answer(self) -> T | None:
        """What the witness says; None where there is no way to tell (in time)."""
        if self._unanswered:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T | None] = loop.create_future()
        self._unanswered = True
        Thread(target=self._ask, args=(loop, answer), name="witness", daemon=True).start()
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except TimeoutError:
            return None

    def _ask(self, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[T | None]") -> None:
        said: T | None = None
        try:
            with suppress(OSError):
                said = self._question()
        finally:
            self._unanswered = False

        def tell() -> None:
            if not answer.done():
                answer.set_result(said)

        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(tell)
