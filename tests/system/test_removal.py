"""A host leaves the fleet: nothing on it changes but the marks that are taken out of our VMs."""

from copy import deepcopy

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.drivers.simulated.domain import Domain
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor
from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Cluster, Host, SimulatedProfile
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode, OperationKind, Standing
from vmuster.model.vm import Sighting, VmRecord


def state(hypervisor: SimulatedHypervisor) -> tuple[dict[VmUuid, Domain], set[VmUuid]]:
    """Everything that is on a host: its VMs with their marks and power, and their processes."""
    return deepcopy(hypervisor.domains), set(hypervisor.processes)


async def remove(fleet: TestFleet, host: Host, *, forget: bool = False, dead: bool = False) -> None:
    now = await fleet.now(host)
    await fleet.service.removal.remove(now, forget=forget, dead=dead, actor="anna")


async def nothing_is_left(fleet: TestFleet, host: Host) -> None:
    assert await fleet.store.get(Host, host.id) is None
    assert await fleet.store.get(HeldPlan, host.id) is None
    assert await fleet.store.find(Sighting, host=host.id) == []
    assert await fleet.store.find(VmRecord, host=host.id, removed_at=None) == []
    assert await fleet.store.find(OutboxCommand, host=host.id, answered_at=None) == []
    assert not any(each.open for each in await fleet.store.find(Operation, host=host.id))


def test_a_host_without_vms_of_ours_is_left_exactly_as_it_was() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        strangers = ("web", "i-2-78-VM", "off")
        for name in strangers:
            alpha.define(vm_uuid(), name, running=name != "off")
        before = state(alpha)
        host = await fleet.add_host("alpha")
        await fleet.passes(host)
        await remove(fleet, host)
        await nothing_is_left(fleet, host)
        assert state(alpha) == before
        assert alpha.acts.total() == 0
        with pytest.raises(NotFound):
            await fleet.service.removal.remove(host, forget=False, actor="anna")
        again = await fleet.add_host("alpha")
        assert again.id != host.id

    tell(story, policy={"unknown_vms": "leave"})


def test_vms_of_ours_are_released_first_and_keep_all_but_their_marks() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        owned, stranger = (vm_uuid(), vm_uuid()), vm_uuid()
        alpha.define(owned[0], "web", running=True)
        alpha.define(owned[1], "off")
        alpha.define(stranger, "other", running=True)
        before = state(alpha)
        host = await fleet.add_host("alpha")
        for vm in owned:
            await fleet.adopt(vm)
        with pytest.raises(Refused, match="2 VMs of ours") as refused:
            await remove(fleet, host)
        assert refused.value.hint == "vmuster host remove alpha --release"
        with pytest.raises(Refused, match="heard of"):
            await remove(fleet, host, forget=True)
        asked = await fleet.service.removal.release_all(host, actor="anna")
        assert {operation.vm for operation in asked} == set(owned)
        for operation in asked:
            await fleet.done(operation)
        await remove(fleet, host)
        await nothing_is_left(fleet, host)
        assert state(alpha) == before
        acts = {(vm, act): 1 for vm in owned for act in ("mark", "unmark")}
        assert alpha.acts == acts

    tell(story)


def test_a_host_that_is_not_heard_of_is_forgotten_and_its_marks_stay() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, "web", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(vm)
        alpha.kill_daemon()
        await fleet.until(lambda: lost(fleet, host))
        asked = await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")
        before = state(alpha)
        with pytest.raises(Refused) as refused:
            await remove(fleet, host)
        assert refused.value.hint == "vmuster host remove alpha --forget"
        with pytest.raises(Refused, match="may run on host alpha"):
            await remove(fleet, host, forget=True)
        await remove(fleet, host, forget=True, dead=True)
        await nothing_is_left(fleet, host)
        ended = await fleet.store.get(Operation, asked.id)
        assert ended is not None
        assert "removed" in ended.message
        assert any(
            entry.kind is EntryKind.AUDIT and "mark is still in it" in entry.what
            for entry in await fleet.store.find(JournalEntry, vm=vm)
        )
        alpha.start_daemon()
        assert state(alpha) == before
        again = await fleet.add_host("alpha")
        await fleet.standing(again, vm, Standing.ORPHAN)
        assert fleet.service.context.fleet.quarantine is None
        await fleet.adopt(vm)
        await fleet.standing(again, vm, Standing.OWNED)

    tell(story)


def test_a_host_that_never_answered_is_removed() -> None:
    async def story(fleet: TestFleet) -> None:
        fleet.hypervisors["alpha"].faults.dead = True
        cluster = await fleet.store.get(Cluster, ClusterName("default"))
        assert cluster is not None
        host = await fleet.service.add_host(
            name="alpha", profile=SimulatedProfile(name="alpha"), cluster=cluster, actor="anna"
        )

        async def troubled() -> str:
            return (await fleet.now(host)).trouble

        await fleet.until(troubled)
        await remove(fleet, host)
        await nothing_is_left(fleet, host)

    tell(story)


def test_a_host_is_not_removed_amid_an_act() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, "web", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(vm)
        release = await fleet.service.requests.release(vm, actor="anna")
        (same,) = await fleet.service.removal.release_all(host, actor="bert")
        assert same.id == release.id, "asked twice is asked once"
        await fleet.done(release)
        await remove(fleet, host)
        await nothing_is_left(fleet, host)

    tell(story)


def test_a_host_in_observe_releases_nothing() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, "web", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(vm)
        await fleet.mode(host, HostMode.OBSERVE)
        with pytest.raises(Refused, match="observe"):
            await fleet.service.removal.release_all(host, actor="anna")
        with pytest.raises(Refused):
            await remove(fleet, host)
        assert alpha.acts_on(vm) == 1, "the mark, and no more"

    tell(story)


async def lost(fleet: TestFleet, host: Host) -> bool:
    return (await fleet.now(host)).well_since is None
