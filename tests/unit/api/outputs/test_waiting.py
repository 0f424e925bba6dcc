"""Waiting ends when it is settled, or when its time is over; told by the clock it is given."""

import asyncio
from uuid import UUID

import pytest

from vmuster.api.outputs.waiting import settled


class Clock:
    """A clock on which sleeping is what lets time pass."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    def uuid(self) -> UUID:
        return UUID(int=0)


@pytest.mark.parametrize(("settles_at", "ends_at"), [(0.0, 0.0), (3.0, 3.0), (99.0, 10.0)])
def test_it_waits_until_settled_or_its_time_is_over(settles_at: float, ends_at: float) -> None:
    clock = Clock()

    async def read() -> float:
        return clock.time

    value = asyncio.run(settled(clock, read, lambda now: now >= settles_at, 10.0))
    assert value == pytest.approx(ends_at, abs=0.2)
    assert clock.time == pytest.approx(ends_at, abs=0.2)
