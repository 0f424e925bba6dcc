"""What the witness says, asked off the event loop and never waited for longer than a moment.

A process that is stuck in the kernel can hold up whoever reads of it. The question is put in a
thread of its own, which nothing else needs; while an answer is late there is no way to tell, and
no second question is put (L10, L13).
"""

import asyncio
from contextlib import suppress
from threading import Thread
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.ports.driver import Witness

_SECONDS: Final = 2.0
"""The longest a report waits for the witness; thousands of processes are read in a tenth of it."""


class Inquiry:
    """One witness, asked about all VMs at once."""

    def __init__(self, witness: Witness, *, seconds: float = _SECONDS) -> None:
        self._witness = witness
        self._seconds = seconds
        self._unanswered = False

    async def held(self) -> frozenset[VmUuid] | None:
        """The VMs that a process holds; None where there is no way to tell (in time)."""
        if self._unanswered:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[frozenset[VmUuid] | None] = loop.create_future()
        self._unanswered = True
        Thread(target=self._ask, args=(loop, answer), name="witness", daemon=True).start()
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except TimeoutError:
            return None

    def _ask(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: "asyncio.Future[frozenset[VmUuid] | None]",
    ) -> None:
        try:
            held = self._witness.held()
        except OSError:
            held = None
        finally:
            self._unanswered = False

        def tell() -> None:
            if not answer.done():
                answer.set_result(held)

        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(tell)
