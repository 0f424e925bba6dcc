"""A process of the simulation: what can be killed, frozen and woken as a whole."""

import asyncio
from collections import deque
from collections.abc import Callable


class Process:
    """One process. Its callbacks run in the order in which they were asked for, as in any event
    loop; those of different processes in an order of chance.

    A killed one goes no step further, not even to clean up. A frozen one (SIGSTOP, or a machine
    that hangs) stands still, and goes on later as if nothing had been. `steps_left`: after so many
    more of its callbacks `on_doom` is called, once; 0: never. `woken`: when it was last
    thawed.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.frozen = False
        self.woken = 0.0
        self.steps_left = 0
        self.on_doom: Callable[[], object] = lambda: None
        self.ready: deque[asyncio.Handle] = deque()
        self.tasks: list[asyncio.Task[object]] = []
        self._tasks_checked = 64

    def keep(self, task: "asyncio.Task[object]") -> None:
        """Hold on to a task: one that nobody holds would be cleaned up at a moment of the
        interpreter's choice, its `finally` and all."""
        self.tasks.append(task)
        if len(self.tasks) > self._tasks_checked:
            self.tasks = [each for each in self.tasks if not each.done() or unasked(each)]
            self._tasks_checked = 64 + 2 * len(self.tasks)


def unasked(task: "asyncio.Task[object]") -> bool:
    """Whether it died of an error, and nobody has asked of which."""
    return task.done() and bool(getattr(task, "_log_traceback", False))
