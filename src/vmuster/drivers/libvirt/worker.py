"""A worker: one thread with one connection, and callers who never wait for ever.

A hypervisor's library blocks, and a hung one blocks without end. So each call is waited for up
to a deadline; then the wait is given up and the worker is dismissed; its thread ends when, and
if, the call comes back. A deed that has not begun by then is never done. Nothing is shared with
other workers (L13).
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

from vmuster.model.permits import Refusal
from vmuster.ports.driver import DriverError

C = TypeVar("C")
T = TypeVar("T")


class Patience:
    """How long a call is waited for, and whether it still may do what it is for.

    The call itself may ask for more `seconds`, once it knows what it is.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._begun = False
        self._over = False

    def check(self) -> None:
        """Raises `DriverError` if nobody waits any more."""
        if self._over:
            raise DriverError("the wait was given up before anything was done")

    def begin_deed(self) -> None:
        """From here on something is changed. Raises `DriverError` if nobody waits any more: what
        was asked for before a long silence must not be done after it."""
        with self._lock:
            self.check()
            self._begun = True

    @property
    def begun(self) -> bool:
        """Whether the deed has begun."""
        return self._begun

    def end(self) -> bool:
        """Wait no longer. Whether a deed has begun, and so may be done; if not, it never will."""
        with self._lock:
            self._over = True
            return self._begun


class _Job:
    """One call on its way through the thread."""

    def __init__(self, work: Callable[[object, Patience], object], patience: Patience) -> None:
        self.work = work
        self.patience = patience
        self.future: Future[object] = Future()


class Worker(Generic[C]):
    """One thread with one connection of kind `C`, made by `connect` at the first call.

    `explain` makes a `DriverError` of anything a call raises; exceptions themselves stay in the
    thread, because their frames would keep the connection alive elsewhere.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], C],
        hang_up: Callable[[C], None],
        explain: Callable[[Exception, C | None], DriverError],
    ) -> None:
        self._connect = connect
        self._hang_up = hang_up
        self._explain = explain
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._turn = asyncio.Lock()
        self._dismissed = False
        self._job: _Job | None = None
        self._ended: Future[None] = Future()
        _ = self._ended.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is still there, perhaps in a call that does not come back."""
        return self._thread.is_alive()

    @property
    def dismissed(self) -> bool:
        """Whether it takes no more calls."""
        return self._dismissed

    @property
    def busy(self) -> bool:
        """Whether the thread is in a call, be it waited for or given up."""
        return self._job is not None and not self._job.future.done()

    @property
    def deed_begun(self) -> bool:
        """Whether the call that it is in, or was in last, has begun its deed."""
        return self._job is not None and self._job.patience.begun

    async def call(self, work: Callable[[C, Patience], T], seconds: float) -> T:
        """Run `work` in the thread. Raises `DriverError`, at the latest after `seconds` and what
        `work` asked for on top.

        Calls take turns; one that does not get its turn in time was not begun. If the wait was
        given up after `work` began its deed, the outcome is unknown; `late` is what it comes to.
        """
        try:
            async with asyncio.timeout(seconds):
                _ = await self._turn.acquire()
        except TimeoutError:
            raise DriverError(f"busy with another call for more than {seconds:g} s") from None
        try:
            if self._dismissed:
                raise DriverError("the connection was given up", broken=True)
            job = _Job(cast("Callable[[object, Patience], object]", work), Patience(seconds))
            self._job = job
            self._jobs.put(job)
            try:
                return cast("T", await self._wait(job))
            finally:
                _ = job.patience.end()  # also where the caller itself was cancelled
        finally:
            self._turn.release()

    async def _wait(self, job: _Job) -> object:
        answer = asyncio.wrap_future(job.future)
        answer.add_done_callback(_heard)  # whether or not somebody waits for it
        waited = 0.0
        while not answer.done() and (rest := job.patience.seconds - waited) > 0:
            _ = await asyncio.wait({answer}, timeout=rest)
            waited += rest
        if answer.done():
            return answer.result()
        begun = job.patience.end()
        self.dismiss()
        late = cast("asyncio.Future[Refusal | None]", answer) if begun else None
        if late is None:
            _ = job.future.cancel()
            _ = answer.cancel()
        raise DriverError(f"no answer within {waited:g} s", unknown=begun, broken=True, late=late)

    def dismiss(self) -> None:
        """Take no more calls; hang up after the present one, if it ever comes back."""
        if not self._dismissed:
            self._dismissed = True
            self._jobs.put(None)

    async def gone(self, seconds: float) -> bool:
        """Whether the thread has ended, after waiting up to `seconds` for it."""
        ended = asyncio.wrap_future(self._ended)
        done, _ = await asyncio.wait({ended}, timeout=seconds)
        _ = ended.cancel()
        return bool(done)

    def _run(self) -> None:
        connection: C | None = None
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                connection = self._do(job, connection)
            del job
        if connection is not None:
            self._hang_up(connection)
        self._ended.set_result(None)

    def _do(self, job: _Job, connection: C | None) -> C | None:
        """Answer one job, on a new connection where there is none yet."""
        try:
            if connection is None:
                connection = self._connect()
            job.future.set_result(job.work(connection, job.patience))
        except Exception as error:  # whatever it is, the caller must hear of it
            job.future.set_exception(self._explain(error, connection))
        return connection


def _heard(answer: asyncio.Future[object]) -> None:
    if not answer.cancelled():
        _ = answer.exception()
