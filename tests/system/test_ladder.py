"""What may be stopped among VMs without a record: a ladder, and every step of it guarded."""

from pathlib import Path

import msgspec
import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import HostMode, PowerState, Standing, UnknownVms, VmPhase
from vmuster.server.requests.operations import Requests

STOPPED, RUNNING = PowerState.STOPPED, PowerState.RUNNING


async def ghost(fleet: TestFleet) -> VmUuid:
    """A VM that we deleted, and that runs all the same."""
    vm = vm_uuid()
    fleet.hypervisors["alpha"].define(vm, "gone-01", running=True)
    record = await fleet.adopt(vm)
    while True:
        dead = msgspec.structs.replace(record, removed_at=1.0, phase=VmPhase.DELETED)
        if await fleet.store.commit([Changes(writes=(Write(before=record, after=dead),))]) == [""]:
            return vm
        record = await fleet.record(vm)


async def strays(fleet: TestFleet, host: Host) -> dict[Standing, VmUuid]:
    """A running VM of each kind that has no live record."""
    alpha, lookalike, alien = fleet.hypervisors["alpha"], vm_uuid(), vm_uuid()
    alpha.define(lookalike, "i-2-78-VM", running=True)
    alpha.define(alien, "web-01", running=True)
    found = {
        Standing.GHOST: await ghost(fleet),
        Standing.LOOKALIKE: lookalike,
        Standing.ALIEN: alien,
    }
    for standing, vm in found.items():
        await fleet.standing(host, vm, standing)
    return found


@pytest.mark.parametrize("kept", ["in memory", "in SQLite"])
@pytest.mark.parametrize(
    ("rung", "stopped"),
    [
        (UnknownVms.LEAVE, set[Standing]()),
        (UnknownVms.STOP_BY_MARK, {Standing.GHOST}),
        (UnknownVms.STOP_BY_NAME, {Standing.GHOST, Standing.LOOKALIKE}),
    ],
)
def test_each_rung_stops_what_it_names_and_nothing_above_it(
    rung: UnknownVms, stopped: set[Standing], kept: str, tmp_path: Path
) -> None:
    async def story(fleet: TestFleet) -> None:
        host, alpha = await fleet.add_host("alpha"), fleet.hypervisors["alpha"]
        found = await strays(fleet, host)
        before = {vm: alpha.acts_on(vm) for vm in found.values()}
        await fleet.policy(unknown_vms=rung)
        for standing in stopped:
            await fleet.sighted(host, found[standing], power=STOPPED)
        await fleet.passes(host, 5)
        for standing, vm in found.items():
            domain = alpha.domains[vm]
            assert (domain.power is STOPPED) is (standing in stopped)
            assert domain.saved is (standing in stopped)
            assert alpha.acts_on(vm) - before[vm] == (1 if standing in stopped else 0)

    tell(story, database=tmp_path / "vmuster.db" if kept == "in SQLite" else None)


def test_a_stray_that_cannot_be_saved_runs_on() -> None:
    async def story(fleet: TestFleet) -> None:
        host, alpha, vm = await fleet.add_host("alpha"), fleet.hypervisors["alpha"], vm_uuid()
        alpha.faults.save_fails = True
        alpha.define(vm, "i-2-78-VM", running=True)
        await fleet.policy(unknown_vms="stop-by-name")

        async def tried() -> bool:
            entries = await fleet.store.find(JournalEntry, vm=vm)
            return any(e.kind is EntryKind.RESULT and "image" in e.what for e in entries)

        await fleet.until(tried)
        await fleet.passes(host, 5)
        assert alpha.domains[vm].power is RUNNING
        assert await fleet.commands(vm) == ["stop_vm"], "it pauses before it tries again"

    tell(story)


def test_a_paused_stray_is_left_alone() -> None:
    async def story(fleet: TestFleet) -> None:
        host, alpha, vm = await fleet.add_host("alpha"), fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, "i-2-78-VM", running=True)
        alpha.pause(vm)
        await fleet.policy(unknown_vms="stop-by-name")
        await fleet.passes(host, 5)
        assert alpha.domains[vm].power is PowerState.PAUSED
        assert alpha.acts_on(vm) == 0

    tell(story)


@pytest.mark.parametrize("mode", [HostMode.CORDONED, HostMode.MAINTENANCE, HostMode.OBSERVE])
def test_nothing_is_stopped_automatically_in_any_other_mode(mode: HostMode) -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, "i-2-78-VM", running=True)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha", mode=mode)
        await fleet.passes(host, 5)
        assert alpha.acts_on(vm) == 0

    tell(story)


def test_a_leave_that_was_withdrawn_stops_nothing_any_more() -> None:
    async def story(fleet: TestFleet) -> None:
        host, alpha = await fleet.add_host("alpha"), fleet.hypervisors["alpha"]
        first, second = vm_uuid(), vm_uuid()
        await fleet.policy(unknown_vms="stop-by-name")
        alpha.define(first, "i-2-78-VM", running=True)
        await fleet.sighted(host, first, power=STOPPED)
        await fleet.policy(unknown_vms="leave")
        alpha.define(second, "i-2-79-VM", running=True)
        await fleet.standing(host, second, Standing.LOOKALIKE)
        await fleet.passes(host, 5)
        assert alpha.acts_on(second) == 0

    tell(story)


def test_an_orphan_holds_the_stops_of_its_whole_cluster_until_it_is_adopted() -> None:
    """A VM that was released, and that a backup of its definition brought back with its mark."""

    async def story(fleet: TestFleet) -> None:
        alpha, orphan, stray = fleet.hypervisors["alpha"], vm_uuid(), vm_uuid()
        beta = fleet.hypervisors["beta"]
        beta.define(orphan, "db-01", running=True)
        alpha.define(stray, "i-2-78-VM", running=True)
        other = await fleet.add_host("beta")
        first = await fleet.adopt(orphan)
        old_mark = beta.domains[orphan].live_mark
        await fleet.done(await fleet.service.requests.release(orphan, actor="anna"))
        beta.destroy(orphan)
        beta.undefine(orphan)
        beta.define(orphan, "db-01", running=True, mark=old_mark)
        await fleet.standing(other, orphan, Standing.ORPHAN)
        acts = beta.acts_on(orphan)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha")
        await fleet.passes(host, 5)
        assert (alpha.acts_on(stray), beta.acts_on(orphan)) == (0, acts)
        assert (await fleet.adopt(orphan)).mark_generation > first.mark_generation
        await fleet.sighted(host, stray, power=STOPPED)
        assert beta.domains[orphan].power is RUNNING

    tell(story, "alpha", "beta")


def test_more_strays_than_the_budget_are_held_for_a_person() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        vms = [vm_uuid() for _ in range(3)]
        for number, vm in enumerate(vms):
            alpha.define(vm, f"i-2-{number}-VM", running=True)
        await fleet.policy(unknown_vms="stop-by-name", stops_per_pass_max=2)
        host = await fleet.add_host("alpha")

        async def held() -> bool:
            entries = await fleet.store.find(JournalEntry, host=host.id)
            return any(entry.kind is EntryKind.HELD for entry in entries)

        await fleet.until(held)
        await fleet.passes(host, 5)
        assert sum(alpha.acts_on(vm) for vm in vms) == 0

    tell(story)


def test_in_the_quiet_time_after_a_start_nothing_is_stopped_but_what_a_person_asks() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, stray, own = fleet.hypervisors["alpha"], vm_uuid(), vm_uuid()
        alpha.define(stray, "i-2-78-VM", running=True)
        alpha.define(own, "db-01", running=True)
        await fleet.policy(unknown_vms="stop-by-name")
        host = await fleet.add_host("alpha")
        await fleet.adopt(own)
        requests: Requests = fleet.service.requests
        await fleet.done(await requests.release(own, actor="anna"))
        await fleet.passes(host, 5)
        assert alpha.acts_on(stray) == 0
        assert alpha.acts_on(own) == 2, "a mark, and its end"
        await fleet.policy(quiet_seconds=0)
        await fleet.sighted(host, stray, power=STOPPED)

    tell(story, policy={"quiet_seconds": 3600})
