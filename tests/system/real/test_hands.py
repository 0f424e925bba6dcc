"""Acts by hand on real VMs: F29, F30, F39, F46, F47; and what our own acts leave as it was."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.conformance.drivers.rigs import (
    leave_to_mark,
    leave_to_start,
    leave_to_stop,
    leave_to_unmark,
)
from tests.system.real.fleet import RealFleet, migrate, pid
from vmuster.model.errors import Refused
from vmuster.model.permits import Refusal
from vmuster.model.states import (
    DesiredState,
    HostMode,
    OperationKind,
    OperationState,
    PowerReason,
    Standing,
    StopMethod,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.ports.driver import DriverError

pytestmark = [pytest.mark.real, pytest.mark.anyio]


async def test_a_guest_that_powers_itself_off_is_recorded_and_left_off(fleet: RealFleet) -> None:
    vm = await fleet.owned()

    async def off() -> bool:
        fleet.on_alpha.guest_shutdown(vm)
        return (await fleet.record(vm)).phase is VmPhase.STOPPED

    await fleet.until(off)
    await fleet.passes(fleet.alpha, 3)
    record = await fleet.record(vm)
    assert (record.desired, record.reason) == (DesiredState.STOPPED, PowerReason.GUEST)
    assert fleet.on_alpha.process(vm) is None
    assert await fleet.commands(vm) == ["mark_vm"]


async def test_a_vm_started_by_hand_runs_on_and_the_record_follows(fleet: RealFleet) -> None:
    vm = await fleet.owned(running=False)
    fleet.on_alpha.start(vm)
    process = pid(fleet.on_alpha, vm)
    record = await fleet.recorded(vm, phase=VmPhase.RUNNING)
    assert record.desired is DesiredState.RUNNING
    await fleet.passes(fleet.alpha, 3)
    assert pid(fleet.on_alpha, vm) == process
    assert await fleet.commands(vm) == ["mark_vm"]


async def test_a_renamed_vm_is_the_same_vm_under_another_label(fleet: RealFleet) -> None:
    vm = await fleet.owned(running=False, name="web-01")
    fleet.on_alpha.rename(vm, "web-02")
    record = await fleet.recorded(vm, label="web-02")
    assert (record.name, record.phase) == ("web-01", VmPhase.STOPPED)
    await fleet.standing(fleet.alpha, vm, Standing.OWNED)


async def test_an_undefined_vm_is_missing_only_when_confirmed_and_never_made_anew(
    fleet: RealFleet,
) -> None:
    vm = await fleet.owned(running=False)
    await fleet.policy(drift="enforce", restart="always")
    fleet.on_alpha.undefine(vm)
    record = await fleet.recorded(vm, phase=VmPhase.MISSING)
    assert record.absent_reports >= 2
    await fleet.passes(fleet.alpha, 3)
    assert vm.bytes not in {domain.UUID() for domain in fleet.on_alpha.host.hand.listAllDomains()}
    with pytest.raises(Refused):
        await fleet.service.requests.power(OperationKind.START, vm, actor="anna")


async def test_a_vm_that_was_moved_by_hand_is_followed(fleet: RealFleet) -> None:
    vm = await fleet.owned()
    await asyncio.to_thread(migrate, fleet.on_alpha, fleet.on_beta, vm)
    process = pid(fleet.on_beta, vm)
    record = await fleet.recorded(vm, host=fleet.beta.id)
    assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
    await fleet.standing(fleet.beta, vm, Standing.OWNED)
    assert pid(fleet.on_beta, vm) == process
    # both hosts are one machine: no witness can say that a process which it sees is not alpha's
    _ = await fleet.forget_copy(vm, fleet.alpha)
    ended = await fleet.power(OperationKind.STOP, vm, force=True)
    assert ended.state is OperationState.DONE, ended.message


@pytest.mark.parametrize("running", [True, False])
async def test_adopt_and_release_leave_everything_but_the_mark_as_it_was(
    fleet: RealFleet, running: bool
) -> None:
    rig = fleet.on_alpha
    vm = rig.define(running=running)
    before, process = rig.rest_of(vm), rig.process(vm)
    await fleet.adopt(vm)
    assert rig.config_mark(vm) is not None
    assert rig.rest_of(vm) == before
    ended = await fleet.done(await fleet.service.requests.release(vm, actor="anna"))
    assert ended.state is OperationState.DONE, ended.message
    assert await fleet.store.get(VmRecord, vm) is None
    assert rig.config_mark(vm) is None
    assert rig.rest_of(vm) == before
    assert rig.process(vm) == process


async def test_in_observe_the_hypervisor_itself_refuses_every_act(fleet: RealFleet) -> None:
    rig = fleet.on_alpha
    running, off = rig.define(running=True), rig.define()
    driver = rig.driver()
    await driver.open(read_only=True)
    acts: list[Callable[[], Awaitable[Refusal | None]]] = [
        *(
            lambda method=method: driver.stop_vm(running, leave_to_stop(running, method))
            for method in StopMethod
        ),
        lambda: driver.start_vm(off, leave_to_start(off)),
        lambda: driver.write_mark(running, leave_to_mark(running)),
        lambda: driver.erase_mark(running, leave_to_unmark(running)),
    ]
    process = pid(rig, running)
    rig_mark = rig.config_mark(running)
    for act in acts[:-1]:
        with pytest.raises(DriverError, match="read"):
            await act()
    assert await acts[-1]() is None, "no mark is there: done already"
    await driver.close()
    assert (pid(rig, running), rig.process(off)) == (process, None)
    assert rig.config_mark(running) == rig_mark


async def test_in_observe_requests_are_refused_with_the_way_out(fleet: RealFleet) -> None:
    vm, stranger = await fleet.owned(), next(iter(fleet.strangers))
    await fleet.mode(fleet.alpha, HostMode.OBSERVE)
    with pytest.raises(Refused, match="vmuster host mode alpha manage"):
        await fleet.service.requests.adopt(stranger, actor="anna")
    with pytest.raises(Refused, match="vmuster host mode alpha manage"):
        await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")
    process = pid(fleet.on_alpha, vm)
    await fleet.passes(fleet.alpha, 2)
    assert pid(fleet.on_alpha, vm) == process


async def test_with_the_server_gone_no_vm_changes(fleet: RealFleet) -> None:
    vm = await fleet.owned()
    process = pid(fleet.on_alpha, vm)
    await fleet.stop()
    await asyncio.to_thread(time.sleep, 0.5)
    assert pid(fleet.on_alpha, vm) == process
    assert fleet.strangers_run_on()
    await fleet.start()
    await fleet.passes(fleet.alpha, 2)
    assert (await fleet.record(vm)).phase is VmPhase.RUNNING
    assert pid(fleet.on_alpha, vm) == process
