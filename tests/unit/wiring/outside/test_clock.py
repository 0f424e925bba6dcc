"""The real clock."""

import asyncio
import time

import pytest

from vmuster.wiring.outside.clock import SystemClock


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


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="the platform has no such clock")
def test_a_suspended_machine_ages_too() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)
