"""Marks: in both places or nowhere, and nothing else is touched."""

import pytest

from tests.conformance.drivers.rigs import (
    MARK,
    OTHER_MARK,
    Rig,
    leave_to_mark,
    leave_to_start,
    leave_to_stop,
    leave_to_unmark,
    live,
    seen,
)
from vmuster.model.states import PowerState, StopMethod
from vmuster.ports.driver import Driver, DriverError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("running", [True, False])
async def test_a_mark_is_written_read_changed_and_erased(
    rig: Rig, driver: Driver, running: bool
) -> None:
    vm = rig.define(running=running)
    before = rig.rest_of(vm)
    for mark in (MARK, OTHER_MARK):
        assert await driver.write_mark(vm, leave_to_mark(vm, mark)) is None
        assert (await seen(driver, vm)).mark == mark
        assert rig.config_mark(vm) == mark
        assert not running or rig.live_mark(vm) == mark
    for _ in range(2):
        assert await driver.erase_mark(vm, leave_to_unmark(vm)) is None
        assert (await seen(driver, vm)).mark is None
        assert rig.config_mark(vm) is None
        assert not running or rig.live_mark(vm) is None
    assert rig.rest_of(vm) == before


async def test_a_mark_survives_destroy_start_and_the_daemon(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.destroy(vm)
    assert (await seen(driver, vm)).mark == MARK
    rig.start(vm)
    assert (await seen(driver, vm)).mark == MARK
    rig.kill_daemon()
    rig.start_daemon()
    _ = await driver.open(read_only=True)
    assert (await seen(driver, vm)).mark == MARK


async def test_a_mark_survives_a_save(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    _ = await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.SAVE))
    _ = await driver.start_vm(vm, leave_to_start(vm))
    assert rig.live_mark(vm) == MARK


async def test_a_mark_travels_with_its_vm(rig: Rig, driver: Driver) -> None:
    vm, other = rig.define(running=True), rig.neighbour()
    _ = await other.open(read_only=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.move(vm)
    assert (await driver.look([vm])).absent == (vm,)
    shown = await seen(other, vm)
    assert (shown.power, shown.mark) == (PowerState.RUNNING, MARK)
    await other.close()


async def test_a_rename_keeps_the_mark(rig: Rig, driver: Driver) -> None:
    vm = rig.define()
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.rename(vm, "another-name")
    shown = await seen(driver, vm)
    assert (shown.name, shown.mark) == ("another-name", MARK)


async def test_a_redefine_drops_the_config_mark_and_it_shows(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.redefine(vm)
    shown = await live(driver, vm)
    assert (shown.mark, shown.stored_mark) == (MARK, None)
    rig.destroy(vm)
    assert (await seen(driver, vm)).mark is None


@pytest.mark.parametrize("running", [True, False])
async def test_the_judge_sees_both_marks(rig: Rig, driver: Driver, running: bool) -> None:
    vm = rig.define(running=running)
    shown = await live(driver, vm)
    assert (shown.mark, shown.stored_mark) == (None, None)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    shown = await live(driver, vm)
    assert (shown.mark, shown.stored_mark) == (MARK, MARK)


async def test_a_transient_vm_has_no_stored_mark(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.undefine(vm)
    shown = await live(driver, vm)
    assert (shown.mark, shown.stored_mark) == (MARK, None)


async def test_a_mark_left_in_one_place_is_erased_too(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    rig.redefine(vm)
    assert await driver.erase_mark(vm, leave_to_unmark(vm)) is None
    assert (rig.live_mark(vm), rig.config_mark(vm)) == (None, None)


async def test_a_clone_bears_a_true_copy(rig: Rig, driver: Driver) -> None:
    vm = rig.define()
    _ = await driver.write_mark(vm, leave_to_mark(vm))
    assert (await seen(driver, rig.clone(vm))).mark == MARK


async def test_a_transient_vm_takes_no_mark(rig: Rig, driver: Driver) -> None:
    vm = rig.define(running=True)
    rig.undefine(vm)
    with pytest.raises(DriverError, match="transient"):
        _ = await driver.write_mark(vm, leave_to_mark(vm))
    assert rig.live_mark(vm) is None


async def test_a_saved_vm_takes_no_mark_and_gives_none_up(rig: Rig, driver: Driver) -> None:
    bare, marked = rig.define(running=True), rig.define(running=True)
    _ = await driver.write_mark(marked, leave_to_mark(marked))
    rig.save(bare)
    rig.save(marked)
    with pytest.raises(DriverError, match="saved"):
        _ = await driver.write_mark(bare, leave_to_mark(bare))
    with pytest.raises(DriverError, match="saved"):
        _ = await driver.erase_mark(marked, leave_to_unmark(marked))
    assert (rig.config_mark(bare), rig.config_mark(marked)) == (None, MARK)
