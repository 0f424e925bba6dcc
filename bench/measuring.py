"""Stopwatches: what some work costs, as the median of repeated runs, taken in turn.

A machine that others use slows down and speeds up: what is compared is measured in turn, and only
ratios of one run mean anything. CPU counts every thread of this process.
"""

import gc
import math
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

_MICRO: Final = 1e6


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured."""

    cores: int
    python: str
    sqlite: str


def machine() -> Machine:
    """This machine."""
    return Machine(
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
    )


class Cost:
    """What work has cost so far, in seconds: `cpu` of all threads, `wall` on the clock."""

    def __init__(self, cpu: float = 0.0, wall: float = 0.0) -> None:
        self.cpu = cpu
        self.wall = wall

    def __add__(self, other: "Cost") -> "Cost":
        """Both together."""
        return Cost(self.cpu + other.cpu, self.wall + other.wall)

    @contextmanager
    def running(self) -> Generator[None]:
        """Count what happens inside."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall


async def in_turn(
    repeats: int, works: Mapping[str, Callable[[], Awaitable[Cost]]]
) -> dict[str, Sequence[Cost]]:
    """The costs of each work, by its name: all of them `repeats` times, one after the other.

    What lies about from one is collected before the next, outside of the clock.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            gc.collect()
            costs[name].append(await work())
    return dict(costs)


def cpu_us(costs: Sequence[Cost], per: float) -> float:
    """The median CPU of `costs` in microseconds for each of `per` things."""
    return statistics.median(cost.cpu for cost in costs) * _MICRO / per


def wall_us(costs: Sequence[Cost], per: float) -> float:
    """The median time of `costs` in microseconds for each of `per` things."""
    return statistics.median(cost.wall for cost in costs) * _MICRO / per


def timed(work: Callable[[], object]) -> Callable[[], Awaitable[Cost]]:
    """`work` that waits for nothing, as `in_turn` takes it."""

    async def run() -> Cost:
        cost = Cost()
        with cost.running():
            work()
        return cost

    return run


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that so many percent of them are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def resident_bytes() -> int:
    """How much memory this process has, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
