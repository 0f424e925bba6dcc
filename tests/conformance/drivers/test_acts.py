"""Acts: only with a permit for the live VM, and then exactly the one that was permitted."""

import contextlib

import pytest

from tests.conformance.drivers.rigs import (
    Rig,
    fresh,
    leave_to_mark,
    leave_to_start,
    leave_to_stop,
    leave_to_unmark,
    live,
    seen,
    until,
)
from vmuster.model.ids import VmUuid
from vmuster.model.permits import LiveVm, Refusal
from vmuster.model.states import PowerReason, PowerState, StopMethod
from vmuster.ports.driver import Driver, DriverError

pytestmark = pytest.mark.anyio

NO = Refusal(reason="not ours")


async def test_a_refusal_does_nothing(rig: Rig, driver: Driver) -> None:
    vm, off = rig.define(running=True), rig.define()
    process, before = rig.process(vm), rig.rest_of(vm)
    assert await driver.stop_vm(vm, lambda _: NO) == NO
    assert await driver.write_mark(vm, lambda _: NO) == NO
    assert await driver.erase_mark(vm, lambda _: NO) == NO
    assert await driver.start_vm(off, lambda _: NO) == NO
    assert rig.process(vm) == process
    assert rig.rest_of(vm) == before
    assert rig.live_mark(vm) is None
    assert rig.config_mark(vm) is None
    assert rig.process(off) is None


async def test_the_judge_sees_the_vm_as_it_is_now(rig: Rig, driver: Driver) -> None:
    vm = rig.define(name="before")
    _ = await driver.list_vms()
    rig.rename(vm, "after")
    rig.start(vm)
    seen_by_judge: list[LiveVm] = []

    def judge(live: LiveVm) -> Refusal:
        seen_by_judge.append(live)
        return NO

    _ = await driver.stop_vm(vm, judge)
    assert seen_by_judge == [
        LiveVm(
            uuid=vm,
            name="after",
            power=PowerState.RUNNING,
            reason=PowerReason.UNKNOWN,
            mark=None,
            stored_mark=None,
            run=seen_by_judge[0].run,
        )
    ]


async def test_a_permit_for_another_vm_is_no_permit(rig: Rig, driver: Driver) -> None:
    vm, other = rig.define(running=True), rig.define(running=True)
    with pytest.raises(DriverError, match="the permit is for"):
        _ = await driver.stop_vm(vm, leave_to_stop(other, StopMethod.FORCE))
    assert rig.process(vm) is not None
    assert rig.process(other) is not None


async def test_a_judge_that_fails_permits_nothing(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)

    def judge(_live: LiveVm) -> Refusal:
        raise ValueError("cannot say")

    with pytest.raises((DriverError, ValueError), match="cannot say"):
        _ = await driver.stop_vm(vm, judge)
    assert rig.process(vm) is not None


async def test_an_act_on_a_vm_that_is_not_there_is_an_error(rig: Rig, driver: Driver) -> None:
    nowhere = fresh()
    with pytest.raises(DriverError, match="there is no VM"):
        _ = await driver.stop_vm(nowhere, leave_to_stop(nowhere, StopMethod.FORCE))


async def test_read_only_is_kept_by_the_hypervisor(rig: Rig, driver: Driver) -> None:
    vm, off = rig.define(running=True), rig.define()
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    process, mark, before = rig.process(vm), rig.live_mark(vm), rig.rest_of(vm)
    _ = await driver.open(read_only=True)
    acts = [
        *(driver.stop_vm(vm, leave_to_stop(vm, method)) for method in StopMethod),
        driver.start_vm(off, leave_to_start(off)),
        driver.write_mark(off, leave_to_mark(off)),
        driver.erase_mark(vm, leave_to_unmark(vm)),
    ]
    for act in acts:
        with pytest.raises(DriverError, match="read only"):
            _ = await act
    assert (rig.process(vm), rig.live_mark(vm), rig.rest_of(vm)) == (process, mark, before)
    assert rig.process(off) is None
    assert rig.config_mark(off) is None


async def test_force_ends_a_deaf_vm_and_twice_is_once(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True, deaf=True)
    for _ in range(2):
        assert await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.FORCE)) is None
    shown = await seen(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.HAND)
    assert rig.process(vm) is None


async def test_shutdown_only_asks_the_guest(rig: Rig, driver: Driver) -> None:
    obedient, deaf = rig.define(running=True), rig.define(running=True, deaf=True)

    async def ask_until_off() -> PowerReason | None:
        # A guest that is still booting does not hear the button.
        assert await driver.stop_vm(obedient, leave_to_stop(obedient, StopMethod.SHUTDOWN)) is None
        shown = await seen(driver, obedient)
        return shown.reason if shown.power is PowerState.STOPPED else None

    assert await until(ask_until_off) is PowerReason.GUEST
    assert await driver.stop_vm(deaf, leave_to_stop(deaf, StopMethod.SHUTDOWN)) is None
    assert (await seen(driver, deaf)).power is PowerState.RUNNING


async def test_a_saved_vm_continues(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    assert await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.SAVE)) is None
    shown = await seen(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.SAVED)
    assert rig.process(vm) is None
    assert await driver.start_vm(vm, leave_to_start(vm)) is None
    assert (await seen(driver, vm)).power is PowerState.RUNNING


async def test_a_vm_that_cannot_be_saved_runs_on(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.undefine(vm)
    process = rig.process(vm)
    with pytest.raises(DriverError, match="transient"):
        _ = await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.SAVE))
    assert (await seen(driver, vm)).power is PowerState.RUNNING
    assert rig.process(vm) == process


async def test_start_starts_and_twice_is_once(rig: Rig, driver: Driver) -> None:
    vm = rig.define()
    assert await driver.start_vm(vm, leave_to_start(vm)) is None
    process = rig.process(vm)
    assert await driver.start_vm(vm, leave_to_start(vm)) is None
    assert process is not None
    assert rig.process(vm) == process


async def test_a_paused_vm_is_not_resumed_by_a_start(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.pause(vm)
    with pytest.raises(DriverError, match="paused"):
        _ = await driver.start_vm(vm, leave_to_start(vm))
    assert (await seen(driver, vm)).power is PowerState.PAUSED


async def test_a_run_is_told_from_every_other(rig: Rig, driver: Driver) -> None:
    vm, other = rig.define(running=True), rig.define(running=True)
    run = (await live(driver, vm)).run
    assert run
    assert (await live(driver, other)).run not in ("", run)
    rig.pause(vm)
    assert (await live(driver, vm)).run == run
    rig.destroy(vm)
    assert (await live(driver, vm)).run == ""
    rig.start(vm)
    again = (await live(driver, vm)).run
    assert again not in ("", run)
    assert (await live(driver, vm)).run == again


async def run_twice(rig: Rig, driver: Driver) -> tuple[VmUuid, str]:
    """A VM that runs in a new life of the daemon, and its run in the life before.

    libvirt numbers the runs of one life: here, both runs are its first.
    """
    vm = rig.define()
    rig.kill_daemon()
    rig.start_daemon()
    _ = await driver.open(read_only=False)
    rig.start(vm)
    run = (await live(driver, vm)).run
    rig.destroy(vm)
    rig.kill_daemon()
    rig.start_daemon()
    rig.start(vm)
    return vm, run


async def test_a_run_is_told_from_one_before_the_daemon_restarted(rig: Rig, driver: Driver) -> None:
    vm, run = await run_twice(rig, driver)
    _ = await driver.open(read_only=False)
    assert (await live(driver, vm)).run not in ("", run)


async def test_a_run_is_told_from_one_before_a_restart_that_nobody_noticed(
    rig: Rig, driver: Driver
) -> None:
    vm, run = await run_twice(rig, driver)
    with contextlib.suppress(DriverError):  # a driver may also want to be opened anew
        assert (await live(driver, vm)).run not in ("", run)
