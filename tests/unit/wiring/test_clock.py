"""The real clock."""

import asyncio
import time

from vmuster.wiring.clock import SystemClock


def test_it_tells_the_time_of_people_and_a_time_that_never_runs_back() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


def test_a_sleep_takes_its_time() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(0.02))
    assert clock.monotonic() - before >= 0.02


def test_every_uuid_is_another() -> None:
    clock = SystemClock()
    assert len({clock.uuid() for _ in range(100)}) == 100
