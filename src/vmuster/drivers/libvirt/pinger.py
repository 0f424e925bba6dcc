"""Signs of life: a worker and a connection that do nothing else, so that nothing delays them.

Looks may wait for a long list, and acts for a frozen VM, while the hypervisor is well; and it may
hang while neither is under way. A ping that does not come back costs one thread, however often it
is tried again: until it returns the answer is "still no answer" (L10).
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.ports.driver import DriverError

C = TypeVar("C")

_ENDING_SECONDS: Final = 1.0
"""A connection that was let go is soon gone; one that is not, hangs."""


class Pinger(Generic[C]):
    """Runs `ask` on a connection of a worker made by `hire`, and waits up to `seconds` for it."""

    def __init__(
        self,
        hire: Callable[[], Worker[C]],
        ask: Callable[[C, Patience], None],
        seconds: float,
    ) -> None:
        self._hire = hire
        self._ask = ask
        self._seconds = seconds
        self._worker: Worker[C] | None = None

    async def ping(self) -> None:
        """Raises `DriverError` where there is no answer in time, or not the right one.

        The connection may be of an earlier life of the daemon, and say so at once; then a new one
        is asked.
        """
        worker = self._worker
        known = worker is not None and not worker.dismissed
        if worker is None or worker.dismissed:
            worker = await self._anew()
        try:
            await worker.call(self._ask, self._seconds)
        except DriverError:
            timed_out = worker.dismissed
            worker.dismiss()
            if timed_out or not known:
                raise
            await self.ping()

    async def _anew(self) -> Worker[C]:
        """A worker with no connection yet, once the one before is gone."""
        if self._worker is not None and not await self._worker.gone(_ENDING_SECONDS):
            raise DriverError("still no answer", broken=True)
        self._worker = self._hire()
        return self._worker

    async def end(self, seconds: float) -> None:
        """Let go, waiting up to `seconds` for the thread."""
        if self._worker is not None:
            self._worker.dismiss()
            _ = await self._worker.gone(seconds)
