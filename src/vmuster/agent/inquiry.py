"""A question to the witness: asked off the event loop, never waited for longer than it is worth.

A process that is stuck in the kernel can hold up whoever reads of it. The question is put in a
thread of its own, which nothing else needs and which keeps nobody from ending; while an answer is
late there is no way to tell, and no second question is put (L10, L13). The thread is asked of the
event loop, as an executor's: a loop that is not of this world has threads of its own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from threading import Thread
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")


class _ThreadForEach(Executor):
    """Runs each call in a thread of its own, which ends with it."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        _ = future.set_running_or_notify_cancel()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # it is for whoever waits
                future.set_exception(error)

        Thread(target=run, name="witness", daemon=True).start()
        return future


_THREADS: Final = _ThreadForEach()


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
        self._unanswered = True
        answer = asyncio.get_running_loop().run_in_executor(_THREADS, self._ask)
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except TimeoutError:
            return None

    def _ask(self) -> T | None:
        try:
            with suppress(OSError):
                return self._question()
        finally:
            self._unanswered = False
        return None
