"""The incident does not happen: the whole path, from a hypervisor to the store and back."""

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import VmRecord

STRANGERS = ("Windows 7 (32-bit) (1)", "web-01", "i-9-99-OTHER")


def test_strangers_stay_untouched_in_the_full_and_in_the_delta_path() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        strangers = {vm_uuid(): name for name in STRANGERS}
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
            await fleet.sighted(host, uuid, standing=Standing.ALIEN, power=PowerState.RUNNING)
            assert alpha.acts_on(uuid) == 0

    tell(story)


def test_our_own_stray_is_saved_to_disk_in_the_full_and_in_the_delta_path() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        before, after = vm_uuid(), vm_uuid()
        alpha.define(before, "i-2-78-VM", running=True)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha")
        await fleet.sighted(host, before, power=PowerState.STOPPED)
        alpha.define(after, "i-2-79-VM", running=True)
        await fleet.sighted(host, after, power=PowerState.STOPPED)
        assert alpha.domains[before].saved
        assert alpha.domains[after].saved

    tell(story)


def test_an_owned_vm_is_adopted_followed_moved_stopped_started_and_released() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, beta = fleet.hypervisors["alpha"], fleet.hypervisors["beta"]
        vm = vm_uuid()
        alpha.define(vm, "db-01", running=True)
        await fleet.add_host("alpha")
        other = await fleet.add_host("beta")
        record = await fleet.adopt(vm)
        assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
        alpha.guest_shutdown(vm)
        await fleet.recorded(vm, phase=VmPhase.STOPPED)
        ended = await fleet.power(OperationKind.START, vm)
        assert ended.state is OperationState.DONE, ended.message
        alpha.migrate(vm, beta)
        await fleet.recorded(vm, host=other.id)
        ended = await fleet.power(OperationKind.STOP, vm)
        assert ended.state is OperationState.DONE, ended.message
        ended = await fleet.done(await fleet.service.requests.release(vm, actor="anna"))
        assert ended.state is OperationState.DONE, ended.message
        assert await fleet.store.get(VmRecord, vm) is None
        assert beta.domains[vm].config_mark is None

    tell(story, "alpha", "beta")
