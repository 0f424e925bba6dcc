"""An event loop for one thread, one seed and many processes, in virtual time.

Time stands still while anything is ready, and jumps to the next timer when nothing is. Which
process goes a step is a matter of chance; within a process callbacks keep their order, because the
shipped code is entitled to what every event loop promises. A task belongs to the process that began
it, and so does whatever it asks for; another process is reached by `post`.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from itertools import count
from threading import get_ident
from typing import Any, Final, TypeVar

from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.process import Process, unasked

T = TypeVar("T")

THREAD_SECONDS: Final = 0.002
"""About as long a call in a thread takes."""


_OWNER: ContextVar[Process] = ContextVar("process")
"""The process of the present task; what wakes it up may run in another one."""


class Stuck(Exception):
    """Nothing is ready, no timer is set, and what was waited for has not come."""


class SimTask(asyncio.Task[T]):
    """A task whose place in a set is the same in every run."""

    def __init__(self, number: int, coro: Any, **more: Any) -> None:
        self._number = number
        super().__init__(coro, **more)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class SimLoop(asyncio.AbstractEventLoop):
    """See above. `after_step` is called after each callback; `steps` counts them."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance.stream("order of processes")
        self._threads = chance.stream("threads")
        self._time = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process]] = []
        self._numbers = count(1)
        self._ready: list[Process] = []
        self._closed = False
        self._thread = get_ident()
        self.world = Process("world")
        self.current = self.world
        self.steps = 0
        self.after_step: Callable[[], object] = lambda: None
        self.on_error: Callable[[dict[str, Any]], object] = lambda _context: None

    # What the shipped code asks of its event loop.

    def time(self) -> float:
        """Seconds since the run began."""
        return self._time

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Whether the loop is at work."""
        return asyncio._get_running_loop() is self  # noqa: SLF001  # how a loop says so

    def is_closed(self) -> bool:
        """Whether the run is over."""
        return self._closed

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """After everything that the process has asked for already."""
        handle = asyncio.Handle(callback, args, self, context)
        owner = self.current if context is None else context.get(_OWNER, self.current)
        self._put(handle, owner)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As `call_soon`: a real thread would make a run another one each time, and is refused."""
        if get_ident() != self._thread:
            raise RuntimeError("there are no threads in a simulation but its own")
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """After so many seconds."""
        return self.call_at(self._time + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """At this moment."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if not self._closed and self.current.alive:
            heapq.heappush(self._timers, (when, next(self._numbers), handle, self.current))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """A future of the present process."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Any,
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        """A task of the present process."""
        context = copy_context() if context is None else context
        context.run(_OWNER.set, self.current)
        number = next(self._numbers)
        task: SimTask[Any] = SimTask(number, coro, loop=self, name=str(name), context=context)
        self.current.keep(task)
        return task

    def run_in_executor(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, _executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """A call that takes a moment and then happens all at once: nobody sees half of it."""
        future: asyncio.Future[T] = self.create_future()
        self.call_later(self._threads.delay(THREAD_SECONDS), self._run_call, future, func, args)
        return future

    def _run_call(
        self, future: asyncio.Future[T], func: Callable[..., T], args: tuple[Any, ...]
    ) -> None:
        """A thread is not called back where nobody waits any more: it runs all the same."""
        try:
            result = func(*args)
        except Exception as error:  # it is its caller's
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """An error that nobody took: an own one of the simulated code, or of the simulation."""
        if not self._closed:
            self.on_error(context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """As asyncio asks of a loop; a cancelled timer is passed over when its time comes."""

    # What the simulation asks of it.

    def post(self, process: Process, callback: Callable[..., object], *args: Any) -> None:
        """Call this in another process, if it is alive then."""
        self._put(asyncio.Handle(callback, args, self), process)

    def post_at(
        self, when: float, process: Process, callback: Callable[..., object], *args: Any
    ) -> None:
        """Call this in another process at this moment, if it is alive then."""
        if not self._closed and process.alive:
            handle = asyncio.TimerHandle(when, callback, args, self)
            heapq.heappush(self._timers, (when, next(self._numbers), handle, process))

    def spawn(self, process: Process, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin this in a process."""
        before, self.current = self.current, process
        try:
            return self.create_task(coro)
        finally:
            self.current = before

    def kill(self, process: Process) -> None:
        """Kill it, where it stands. Whoever kills the process that runs at this moment must then
        wait for ever (`never`)."""
        process.alive = False
        process.ready.clear()

    def never(self) -> asyncio.Future[Any]:
        """What never comes: the rest of a killed process's step."""
        return self.create_future()

    def doom(self, process: Process, steps: int, on_doom: Callable[[], object]) -> None:
        """Call `on_doom` after so many more callbacks of this process: between any two of them lies
        an await, and a crash may come at each."""
        process.steps_left, process.on_doom = steps, on_doom

    def freeze(self, process: Process) -> None:
        """Let it stand still."""
        process.frozen = True

    def thaw(self, process: Process) -> None:
        """Let it go on."""
        if process.frozen:
            process.woken = self._time
        process.frozen = False
        if process.ready and process not in self._ready:
            self._ready.append(process)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until `main`, a matter of the world's, is done; then the run is over."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001  # as every loop does
            raise RuntimeError("a simulation runs in a thread of its own")
        asyncio._set_running_loop(self)  # noqa: SLF001  # as every loop does
        try:
            task = self.spawn(self.world, main)
            while not task.done():
                self._step()
            return task.result()
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001  # as every loop does

    def _put(self, handle: asyncio.Handle, process: Process) -> None:
        if self._closed or not process.alive:
            return
        if not process.ready and not process.frozen:
            self._ready.append(process)
        process.ready.append(handle)

    def _step(self) -> None:
        """One callback of one process; before it, where nothing is ready, the next timers."""
        ready = self._ready
        while not ready:
            self._wait()
        place = int(self._chance.share() * len(ready)) if len(ready) > 1 else 0
        process = ready[place]
        if not process.ready or process.frozen:
            ready[place] = ready[-1]
            ready.pop()
            return
        handle = process.ready.popleft()
        if not process.ready:
            ready[place] = ready[-1]
            ready.pop()
        if handle.cancelled():
            return
        self.steps += 1
        self.current = process
        handle._run()  # noqa: SLF001  # as every loop does
        self.current = self.world
        if process.steps_left:
            self._count_down(process)
        self.after_step()

    def _count_down(self, process: Process) -> None:
        """One more step of a process that has not many more to go."""
        process.steps_left -= 1
        if not process.steps_left:
            process.on_doom()

    def _wait(self) -> None:
        """Let time pass until the next timer."""
        while self._timers:
            when, _number, handle, process = heapq.heappop(self._timers)
            if handle.cancelled() or not process.alive:
                continue
            self._time = max(self._time, when)
            self._put(handle, process)
            if process.frozen:
                continue
            return
        raise Stuck

    def dispose(self, processes: list[Process]) -> None:
        """The run is over: say what tasks died of, and let go of the rest without a step more."""
        for process in processes:
            self.current = process
            for task in process.tasks:
                if unasked(task) and (error := task.exception()) is not None:
                    self.on_error({"message": "a task died", "exception": error})
        self.current, self._closed = self.world, True
        for process in processes:
            for task in process.tasks:
                if not task.done():
                    task._log_destroy_pending = False  # pyright: ignore[reportAttributeAccessIssue] # noqa: SLF001
                    with suppress(BaseException):
                        task.get_coro().close()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportOptionalMemberAccess]
            process.tasks.clear()
