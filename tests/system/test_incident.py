"""The incident does not happen: the whole path, from a simulated hypervisor to the store and back."""

import asyncio

from tests.fleets import TestFleet, running_fleet, vm_uuid

from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import VmRecord


def test_strangers_stay_untouched_in_the_full_and_in_the_delta_path() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        strangers = {vm_uuid(): name for name in ("Windows 7 (32-bit) (1)", "web-01", "i-9-99-OTHER")}
        for uuid, name in strangers.items():
            alpha.define(uuid, name, running=True)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha")
        later = vm_uuid()
        alpha.define(later, "created later", running=True)
        first = next(iter(strangers))
        alpha.destroy(first)
        await fleet.passes(host, 3)
        alpha.start(first)
        await fleet.passes(host, 4)
        for uuid in (*strangers, later):
            seen = await fleet.sighting(host, uuid)
            assert seen is not None
            assert (seen.standing, seen.power) == (Standing.ALIEN, PowerState.RUNNING)
            assert alpha.acts_on(uuid) == 0

    _tell(story, "alpha")


def test_our_own_stray_is_saved_to_disk_in_the_full_and_in_the_delta_path() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        before, after = vm_uuid(), vm_uuid()
        alpha.define(before, "i-2-78-VM", running=True)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha")
        await fleet.until(lambda: _stopped(fleet, host, before))
        alpha.define(after, "i-2-79-VM", running=True)
        await fleet.until(lambda: _stopped(fleet, host, after))
        assert alpha.domains[before].saved
        assert alpha.domains[after].saved

    _tell(story, "alpha")


def test_an_owned_vm_is_adopted_followed_moved_stopped_started_and_released() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, beta = fleet.hypervisors["alpha"], fleet.hypervisors["beta"]
        vm = vm_uuid()
        alpha.define(vm, "db-01", running=True)
        home, other = await fleet.add_host("alpha"), await fleet.add_host("beta")
        await fleet.passes(home, 1)
        record = await fleet.adopt(vm)
        assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
        alpha.guest_shutdown(vm)
        await fleet.until(lambda: _phase(fleet, vm, VmPhase.STOPPED))
        ended = await fleet.done(
            await fleet.service.requests.power(OperationKind.START, vm, actor="anna")
        )
        assert ended.state is OperationState.DONE, ended.message
        alpha.migrate(vm, beta)
        await fleet.until(lambda: _home(fleet, vm, other.id))
        ended = await fleet.done(
            await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")
        )
        assert ended.state is OperationState.DONE, ended.message
        ended = await fleet.done(await fleet.service.requests.release(vm, actor="anna"))
        assert ended.state is OperationState.DONE, ended.message
        assert await fleet.store.get(VmRecord, vm) is None
        assert beta.domains[vm].config_mark is None

    _tell(story, "alpha", "beta")


async def _stopped(fleet: TestFleet, host: object, vm: object) -> bool:
    seen = await fleet.sighting(host, vm)
    return seen is not None and seen.power is PowerState.STOPPED


async def _phase(fleet: TestFleet, vm: object, phase: VmPhase) -> bool:
    record = await fleet.store.get(VmRecord, vm)
    return record is not None and record.phase is phase


async def _home(fleet: TestFleet, vm: object, host: object) -> bool:
    record = await fleet.store.get(VmRecord, vm)
    return record is not None and record.host == host


def _tell(story: object, *names: str) -> None:
    async def told() -> None:
        async with running_fleet(*names) as fleet:
            await story(fleet)

    asyncio.run(told())
