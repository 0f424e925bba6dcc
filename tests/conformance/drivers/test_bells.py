"""Bells: every change rings, a lost connection rings for everything."""

import asyncio

import pytest

from tests.conformance.drivers.rigs import Rig, leave_to_mark
from vmuster.ports.driver import Bell, Driver

pytestmark = pytest.mark.anyio

HEARING_SECONDS = 10.0


async def hear(driver: Driver, expected: Bell) -> None:
    """Wait until this very bell rings; others may ring before it."""
    async with asyncio.timeout(HEARING_SECONDS):
        while await driver.next_bell() != expected:
            pass


async def test_what_a_hand_does_rings_for_that_vm(rig: Rig, driver: Driver) -> None:
    vm = rig.define()
    for act in (rig.start, rig.pause, rig.destroy, rig.undefine):
        act(vm)
        await hear(driver, Bell(vm=vm))


async def test_a_changed_mark_rings(rig: Rig, driver: Driver) -> None:
    vm = rig.define()
    await hear(driver, Bell(vm=vm))
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    await hear(driver, Bell(vm=vm))


async def test_a_crash_rings(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    await hear(driver, Bell(vm=vm))
    rig.crash(vm)
    await hear(driver, Bell(vm=vm))


async def test_a_lost_connection_rings_for_everything(rig: Rig, driver: Driver) -> None:
    rig.kill_daemon()
    await hear(driver, Bell())
    rig.start_daemon()
    _ = await driver.open(read_only=True)
    vm = rig.define()
    await hear(driver, Bell(vm=vm))


async def test_silence_does_not_ring(rig: Rig, driver: Driver) -> None:
    _ = await driver.list_vms()
    with pytest.raises(TimeoutError):
        _ = await asyncio.wait_for(driver.next_bell(), 0.2)
