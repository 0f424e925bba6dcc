"""Faults: an error is an error, in time, and never an empty answer."""

import asyncio
import contextlib
import time

import pytest

from tests.conformance.drivers.rigs import Rig, leave_to_stop, live, seen, until
from vmuster.model.permits import LiveVm, StopPermit
from vmuster.model.states import Completeness, PowerState, StopMethod
from vmuster.ports.driver import Driver, DriverError, StillHangs

pytestmark = pytest.mark.anyio

CALL_SECONDS = 4.0
"""Long enough for a healthy daemon, even where the machine stands still for a while."""
SLACK_SECONDS = 5.0


async def test_a_dead_daemon_is_an_error_and_vms_outlive_it(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    process = rig.process(vm)
    rig.kill_daemon()
    with pytest.raises(DriverError) as listing:
        _ = await driver.list_vms()
    with pytest.raises(DriverError) as opening:
        _ = await driver.open(read_only=True)
    assert listing.value.broken
    assert opening.value.broken
    rig.start_daemon()
    _ = await driver.open(read_only=False)
    shown = (await driver.list_vms()).vms
    assert [(one.uuid, one.power) for one in shown] == [(vm, PowerState.RUNNING)]
    assert rig.process(vm) == process


async def test_a_connection_of_an_earlier_life_does_not_heal(rig: Rig, driver: Driver) -> None:
    rig.kill_daemon()
    rig.start_daemon()
    with pytest.raises(DriverError) as error:
        _ = await driver.list_vms()
    assert error.value.broken
    _ = await driver.open(read_only=True)
    assert (await driver.list_vms()).completeness is Completeness.COMPLETE


async def test_a_hung_daemon_delays_nobody_beyond_the_deadline(rig: Rig) -> None:
    vm = rig.define(running=True)
    hung, well = rig.driver(call_seconds=CALL_SECONDS), rig.neighbour()
    _ = await hung.open(read_only=False)
    _ = await well.open(read_only=True)
    rig.freeze_daemon()
    began = time.monotonic()
    look = asyncio.create_task(hung.list_vms())
    act = asyncio.create_task(hung.stop_vm(vm, leave_to_stop(vm, StopMethod.FORCE)))
    await asyncio.sleep(0)
    assert (await well.list_vms()).completeness is Completeness.COMPLETE
    assert time.monotonic() - began < CALL_SECONDS
    results = await asyncio.gather(look, act, return_exceptions=True)
    errors = [error for error in results if isinstance(error, DriverError)]
    assert [(error.broken, error.unknown) for error in errors] == [(True, False), (False, False)]
    with pytest.raises(DriverError) as again:
        _ = await hung.open(read_only=False)
    assert again.value.broken
    await hung.close()
    assert time.monotonic() - began < 2 * CALL_SECONDS + 1 + SLACK_SECONDS
    rig.thaw_daemon()
    _ = await hung.open(read_only=True)
    assert (await hung.list_vms()).completeness is Completeness.COMPLETE
    await hung.close()
    await well.close()


async def test_trying_a_hung_daemon_again_and_again_is_bounded(rig: Rig) -> None:
    driver = rig.driver(call_seconds=0.1)
    rig.freeze_daemon()
    for _ in range(12):
        with pytest.raises(DriverError) as error:
            _ = await driver.open(read_only=True)
        assert error.value.broken
    rig.thaw_daemon()
    healed = rig.driver()
    _ = await healed.open(read_only=True)
    await driver.close()
    await healed.close()


async def test_a_frozen_vm_is_still_listed(rig: Rig, driver: Driver) -> None:
    frozen, well = rig.define(running=True), rig.define(running=True)
    rig.freeze_vm(frozen)
    began = time.monotonic()
    listing = await driver.list_vms()
    assert time.monotonic() - began < SLACK_SECONDS
    assert {vm.uuid for vm in listing.vms} == {frozen, well}
    assert listing.completeness is Completeness.COMPLETE


async def test_an_act_on_a_frozen_vm_ends_in_the_unknown_and_looks_go_on(rig: Rig) -> None:
    vm, other = rig.define(running=True), rig.define(running=True)
    driver = rig.driver(call_seconds=CALL_SECONDS)
    _ = await driver.open(read_only=False)
    rig.freeze_vm(vm)
    with pytest.raises(DriverError) as error:
        _ = await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.SHUTDOWN))
    assert error.value.unknown
    assert not error.value.broken
    assert (await seen(driver, vm)).uuid == vm
    began = time.monotonic()
    for _ in range(12):
        _ = await driver.open(read_only=False)
        with pytest.raises(StillHangs, match="an earlier call on this VM still hangs") as again:
            _ = await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.FORCE))
        assert not again.value.unknown
        assert not again.value.broken
    assert time.monotonic() - began < 12 * CALL_SECONDS
    assert await driver.stop_vm(other, leave_to_stop(other, StopMethod.FORCE)) is None
    assert rig.process(vm) is not None
    rig.thaw_vm(vm)

    async def force() -> bool | None:
        with contextlib.suppress(DriverError):
            return await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.FORCE)) is None
        return None

    assert await until(force)
    await driver.close()


async def test_what_was_given_up_before_it_began_is_never_done(rig: Rig) -> None:
    vm = rig.define(running=True)
    driver = rig.driver(call_seconds=CALL_SECONDS)
    _ = await driver.open(read_only=False)
    process = rig.process(vm)
    judged: list[LiveVm] = []

    def judge(shown: LiveVm) -> StopPermit:
        judged.append(shown)
        return StopPermit(vm=vm, method=StopMethod.FORCE)

    rig.freeze_daemon()
    with pytest.raises(DriverError) as error:
        _ = await driver.stop_vm(vm, judge)
    assert not error.value.unknown
    with pytest.raises(StillHangs, match=r"still hangs$"):
        _ = await driver.stop_vm(vm, judge)
    rig.thaw_daemon()
    _ = await driver.open(read_only=False)

    async def came_back() -> bool | None:
        with contextlib.suppress(DriverError):
            return (await live(driver, vm)).run != ""
        return None

    assert await until(came_back)
    assert judged == []
    assert rig.process(vm) == process
    await driver.close()


async def test_close_changes_no_vm(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    process = rig.process(vm)
    await driver.close()
    _ = await driver.open(read_only=True)
    assert (await seen(driver, vm)).power is PowerState.RUNNING
    assert rig.process(vm) == process
