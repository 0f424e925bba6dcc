"""What a look shows, and what it must not leave out."""

import pytest

from tests.conformance.drivers.rigs import Rig, fresh, leave_to_start, seen, until
from vmuster.model.ids import VmUuid
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Driver, DriverError

pytestmark = pytest.mark.anyio


async def ended(driver: Driver, vm: VmUuid) -> VmObservation:
    """The VM once it no longer runs."""

    async def ask() -> VmObservation | None:
        shown = await seen(driver, vm)
        return None if shown.power is PowerState.RUNNING else shown

    return await until(ask)


async def test_a_list_names_every_vm_running_or_not(rig: Rig, driver: Driver) -> None:
    running, stopped = rig.define(running=True), rig.define()
    listing = await driver.list_vms()
    assert listing.completeness is Completeness.COMPLETE
    assert {vm.uuid: vm.power for vm in listing.vms} == {
        running: PowerState.RUNNING,
        stopped: PowerState.STOPPED,
    }
    assert listing.doubts == ()
    assert listing.absent == ()


async def test_a_host_without_vms_has_an_empty_complete_list(rig: Rig, driver: Driver) -> None:
    listing = await driver.list_vms()
    assert (listing.vms, listing.completeness) == ((), Completeness.COMPLETE)


async def test_a_look_tells_the_absent_from_the_present(rig: Rig, driver: Driver) -> None:
    there, nowhere = rig.define(), fresh()
    listing = await driver.look([there, nowhere, there])
    assert listing.completeness is Completeness.PARTIAL
    assert [vm.uuid for vm in listing.vms] == [there]
    assert listing.absent == (nowhere,)


async def test_the_facts_name_the_host_and_stay(rig: Rig, driver: Driver) -> None:
    facts = await driver.open(read_only=True)
    assert facts == await driver.open(read_only=True)
    other = rig.neighbour()
    assert (await other.open(read_only=True)).uuid != facts.uuid
    await other.close()


async def test_a_call_before_open_or_after_close_is_an_error(rig: Rig, driver: Driver) -> None:
    with pytest.raises(DriverError) as before:
        _ = await rig.driver().list_vms()
    await driver.close()
    with pytest.raises(DriverError) as after:
        _ = await driver.list_vms()
    assert before.value.broken
    assert after.value.broken


async def test_a_vm_that_was_destroyed_was_ended_by_a_hand(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.destroy(vm)
    shown = await ended(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.HAND)


async def test_a_guest_that_powered_off_ended_itself(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)

    async def press_until_off() -> VmObservation | None:
        shown = await seen(driver, vm)
        if shown.power is PowerState.RUNNING:
            rig.guest_shutdown(vm)
            return None
        return shown

    shown = await until(press_until_off)
    assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.GUEST)


async def test_a_vm_whose_process_died_has_crashed(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.crash(vm)
    shown = await ended(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.CRASHED, PowerReason.CRASHED)


async def test_a_paused_vm_was_paused_by_a_hand(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.pause(vm)
    shown = await seen(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.PAUSED, PowerReason.HAND)


async def test_a_saved_vm_stays_saved_over_a_restart_of_the_daemon(
    rig: Rig, driver: Driver
) -> None:
    vm = rig.define(running=True)
    rig.save(vm)
    for _ in range(2):
        shown = await seen(driver, vm)
        assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.SAVED)
        rig.kill_daemon()
        rig.start_daemon()
        _ = await driver.open(read_only=True)


async def test_a_stopped_vm_has_no_known_reason_after_a_restart(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.destroy(vm)
    rig.kill_daemon()
    rig.start_daemon()
    _ = await driver.open(read_only=True)
    shown = await seen(driver, vm)
    assert (shown.power, shown.reason) == (PowerState.STOPPED, PowerReason.UNKNOWN)


async def test_an_empty_list_is_no_information_while_processes_live(
    rig: Rig, driver: Driver
) -> None:
    vms = [rig.define(running=True), rig.define(running=True)]
    assert len((await driver.list_vms()).vms) == len(vms)
    rig.forget_state()
    _ = await driver.open(read_only=True)
    listing = await driver.list_vms()
    assert listing.vms == ()
    assert listing.completeness is Completeness.PARTIAL
    assert set(listing.absent) == set(vms)
    assert listing.doubts


async def test_an_empty_list_is_believed_once_every_vm_is_truly_gone(
    rig: Rig, driver: Driver
) -> None:
    vm = rig.define(running=True)
    assert len((await driver.list_vms()).vms) == 1
    rig.destroy(vm)
    rig.undefine(vm)
    listing = await driver.list_vms()
    assert (listing.vms, listing.completeness) == ((), Completeness.COMPLETE)


async def test_a_vm_that_the_daemon_lost_sight_of_is_not_called_stopped(
    rig: Rig, driver: Driver
) -> None:
    vm = rig.define(running=True)
    rig.forget_state()
    again = rig.define(vm=vm)
    _ = await driver.open(read_only=False)
    assert (await seen(driver, again)).power is PowerState.UNKNOWN
    process = rig.process(vm)
    with pytest.raises(DriverError, match="a process holds it"):
        _ = await driver.start_vm(vm, leave_to_start(vm))
    assert process is not None
    assert rig.process(vm) == process
