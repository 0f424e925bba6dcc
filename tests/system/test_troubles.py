"""What is no information changes nothing; what is drift is followed, or undone with pace."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.states import (
    DesiredState,
    Finding,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)

RUNNING, STOPPED = PowerState.RUNNING, PowerState.STOPPED
ENFORCE: dict[str, object] = {"drift": "enforce", "restart": "always"}


async def ours(fleet: TestFleet, *, running: bool = True) -> tuple[Host, VmUuid]:
    """A host with one VM of ours, and a stranger beside it."""
    alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
    alpha.define(vm, "db-01", running=running)
    alpha.define(vm_uuid(), "web-01", running=True)
    host = await fleet.add_host("alpha")
    await fleet.adopt(vm)
    return host, vm


def listing_fails(alpha: SimulatedHypervisor) -> None:
    alpha.faults.listing_fails = True


def empty_listing(alpha: SimulatedHypervisor) -> None:
    alpha.faults.empty_listing = True


def sick_vms(alpha: SimulatedHypervisor) -> None:
    alpha.faults.sick.update(alpha.domains)


def dead_daemon(alpha: SimulatedHypervisor) -> None:
    alpha.kill_daemon()


def hung_daemon(alpha: SimulatedHypervisor) -> None:
    alpha.faults.hang = Hang.BEFORE


def forgotten_state(alpha: SimulatedHypervisor) -> None:
    alpha.forget_state()


@pytest.mark.parametrize("restarted", [False, True], ids=["same server", "server restarted"])
@pytest.mark.parametrize(
    "fault",
    [listing_fails, empty_listing, sick_vms, dead_daemon, hung_daemon, forgotten_state],
)
def test_a_host_that_gives_no_account_changes_no_record(
    fault: Callable[[SimulatedHypervisor], None], restarted: bool
) -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]

        async def in_trouble() -> bool:
            return bool((await fleet.now(host)).trouble)

        fault(alpha)
        if restarted:
            await fleet.restart()
        await fleet.until(in_trouble)
        await asyncio.sleep(0.5)  # five intervals, in which nothing may be concluded
        record = await fleet.record(vm)
        assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
        assert record.power is RUNNING
        assert alpha.acts_on(vm) == 1, "the mark"

    tell(story, policy=ENFORCE)


def test_a_vm_that_is_lost_from_the_list_and_still_there_is_not_missing() -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]
        del alpha.domains[vm]  # the daemon forgot this one; its process lives
        await fleet.passes(host, 6)
        assert (await fleet.record(vm)).phase is VmPhase.RUNNING
        alpha.processes.discard(vm)
        await fleet.recorded(vm, phase=VmPhase.MISSING)

    tell(story)


def test_a_vm_that_is_undefined_is_missing_and_is_not_made_anew() -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet, running=False)
        alpha = fleet.hypervisors["alpha"]
        alpha.undefine(vm)
        await fleet.recorded(vm, phase=VmPhase.MISSING)
        await fleet.passes(host, 4)
        assert vm not in alpha.domains

    tell(story, policy=ENFORCE)


def test_under_record_reality_wins_and_what_is_asked_for_follows() -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]
        alpha.destroy(vm)
        await fleet.recorded(vm, desired=DesiredState.STOPPED, phase=VmPhase.STOPPED)
        alpha.start(vm)
        await fleet.recorded(vm, desired=DesiredState.RUNNING, phase=VmPhase.RUNNING)
        assert alpha.acts == {(vm, "mark"): 1}

    tell(story)


def test_under_enforce_a_hand_is_undone_both_ways() -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]
        alpha.destroy(vm)

        async def runs_again() -> bool:
            return alpha.domains[vm].power is RUNNING

        await fleet.until(runs_again)
        await fleet.sighted(host, vm, power=RUNNING, finding=Finding.IN_SYNC)
        ended = await fleet.power(OperationKind.STOP, vm)
        assert ended.state is OperationState.DONE, ended.message
        alpha.start(vm)
        await fleet.sighted(host, vm, power=STOPPED)
        assert (await fleet.record(vm)).desired is DesiredState.STOPPED

    tell(story, policy={"drift": "enforce"})


def test_a_crash_is_followed_by_a_start_with_pace_and_in_the_end_by_none() -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]

        async def crashed_again() -> bool:
            record = await fleet.record(vm)
            if record.power is RUNNING and alpha.domains[vm].power is RUNNING:
                alpha.crash(vm)
            return record.phase is VmPhase.FAILED

        await fleet.until(crashed_again)
        assert alpha.acts[vm, "start"] == 3

    # One that outlives its pause has had a good run, also where the machine stood still meanwhile.
    tell(story, policy={"restart": "on-crash", "restart_backoff_seconds": 4.0})


def test_after_a_reboot_of_the_host_what_was_asked_for_stays() -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await ours(fleet)
        fleet.hypervisors["alpha"].reboot()
        record = await fleet.recorded(vm, phase=VmPhase.STOPPED)
        assert record.desired is DesiredState.RUNNING

    tell(story)


def test_after_a_reboot_of_its_host_a_vm_is_started_once() -> None:
    """F31: whoever is first, the host itself or we."""

    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        alpha, other = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(other, "db-02", running=True)
        await fleet.adopt(other)
        for one in (vm, other):
            await fleet.recorded(one, phase=VmPhase.RUNNING)
        alpha.reboot()
        alpha.start(other)  # the host's own autostart

        async def runs_again() -> bool:
            return alpha.domains[vm].power is RUNNING

        await fleet.until(runs_again)
        await fleet.recorded(vm, phase=VmPhase.RUNNING)
        await fleet.passes(host, 5)
        assert alpha.acts[vm, "start"] == 1
        assert alpha.acts[other, "start"] == 0

    tell(story, policy={"restart": "always"})


def test_a_start_waits_for_a_process_that_the_hypervisor_lost() -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await ours(fleet, running=False)
        alpha = fleet.hypervisors["alpha"]
        alpha.processes.add(vm)
        await fleet.policy(operation_seconds=1.0)
        ended = await fleet.power(OperationKind.START, vm)
        assert ended.state is OperationState.FAILED
        assert alpha.acts[vm, "start"] == 0

    tell(story)
