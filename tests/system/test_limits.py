"""What vmuster does by itself stays within its limits, and people hold the reins.

The acts here are stops of strays with a name of ours, in a cluster whose policy allows them: what
is over a budget waits for a person; what is disarmed waits for whoever arms it.
"""

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.errors import NotFound
from vmuster.model.host import Host
from vmuster.model.ids import PlanId, VmUuid
from vmuster.model.states import HostMode, OperationKind, OperationState, PowerState, Standing
from vmuster.server.answers.preview import preview
from vmuster.server.answers.status import status
from vmuster.server.requests.arming import ArmingScope

RUNNING, STOPPED = PowerState.RUNNING, PowerState.STOPPED


def strays(fleet: TestFleet, count: int, first: int = 1) -> list[VmUuid]:
    """Running VMs that bear names of ours and that nobody knows."""
    vms = [vm_uuid() for _ in range(count)]
    for number, vm in enumerate(vms, first):
        fleet.hypervisors["alpha"].define(vm, f"i-2-{number}-VM", running=True)
    return vms


def running(fleet: TestFleet, vms: list[VmUuid]) -> int:
    domains = fleet.hypervisors["alpha"].domains
    return sum(domains[vm].power is RUNNING for vm in vms)


async def held(fleet: TestFleet, host: Host, acts: int) -> HeldPlan:
    """Wait for a plan of so many acts that is held; returns it."""

    async def so() -> HeldPlan | None:
        plan = await fleet.store.get(HeldPlan, host.id)
        found = plan is not None and len(plan.acts) == acts and plan.state is HoldState.HELD
        return plan if found else None

    return await fleet.until(so)


def test_a_plan_over_budget_waits_until_it_is_approved_and_no_longer() -> None:
    async def story(fleet: TestFleet) -> None:
        vms = strays(fleet, 3)
        host = await fleet.add_host("alpha")
        plan = await held(fleet, host, 3)
        await fleet.passes(host, 5)
        assert running(fleet, vms) == 3
        (listed,) = await fleet.service.holds.list_()
        assert listed.id == plan.id, "what is proposed again is the same plan"
        assert (await status(fleet.service.context)).held == (listed,)
        approved = await fleet.service.holds.approve(plan.id, actor="anna")
        again = await fleet.service.holds.approve(plan.id, actor="bert")
        assert (again.state, again.by) == (HoldState.APPROVED, "anna"), "asked twice is once"
        assert approved.expires_at is not None
        for vm in vms:
            await fleet.sighted(host, vm, power=STOPPED)

        async def gone() -> bool:
            return await fleet.store.get(HeldPlan, host.id) is None

        await fleet.until(gone)
        assert fleet.hypervisors["alpha"].acts == {(vm, "save"): 1 for vm in vms}

    tell(story, policy={"unknown_vms": "stop-by-name", "stops_per_pass_max": 2})


def test_a_rejected_plan_is_not_done_and_a_grown_one_has_another_id() -> None:
    async def story(fleet: TestFleet) -> None:
        vms = strays(fleet, 3)
        host = await fleet.add_host("alpha")
        old = await held(fleet, host, 3)
        vms += strays(fleet, 1, first=4)
        plan = await held(fleet, host, 4)
        assert plan.id != old.id
        for stale in (old.id, PlanId(vm_uuid())):
            with pytest.raises(NotFound) as refused:
                await fleet.service.holds.approve(stale, actor="anna")
            assert refused.value.hint == "vmuster plan list"
        rejected = await fleet.service.holds.reject(plan.id, actor="anna")
        assert (rejected.state, rejected.by) == (HoldState.REJECTED, "anna")
        await fleet.policy(stops_per_pass_max=100)
        await fleet.passes(host, 5)
        assert running(fleet, vms) == 4, "within the budget it stays rejected"
        await fleet.service.holds.approve(plan.id, actor="bert")
        for vm in vms:
            await fleet.sighted(host, vm, power=STOPPED)

    tell(story, policy={"unknown_vms": "stop-by-name", "stops_per_pass_max": 2})


def test_an_approval_waives_the_budget_and_nothing_else() -> None:
    async def story(fleet: TestFleet) -> None:
        vms = strays(fleet, 3)
        host = await fleet.add_host("alpha")
        plan = await held(fleet, host, 3)
        await fleet.mode(host, HostMode.CORDONED)
        await fleet.service.holds.approve(plan.id, actor="anna")
        await fleet.passes(host, 5)
        assert running(fleet, vms) == 3
        assert fleet.hypervisors["alpha"].acts.total() == 0

    tell(story, policy={"unknown_vms": "stop-by-name", "stops_per_pass_max": 2})


def test_small_passes_add_up_to_the_budget_of_the_fleet() -> None:
    async def story(fleet: TestFleet) -> None:
        await fleet.service.estate.set_fleet_policy({"stops_per_window_max": 2}, actor="anna")
        host = await fleet.add_host("alpha")
        for number in (1, 2):
            (vm,) = strays(fleet, 1, first=number)
            await fleet.sighted(host, vm, power=STOPPED)
        (third,) = strays(fleet, 1, first=3)
        plan = await held(fleet, host, 1)
        assert "in the fleet" in plan.why
        assert running(fleet, [third]) == 1

    tell(story, policy={"unknown_vms": "stop-by-name"})


@pytest.mark.parametrize(
    ("scope", "name"),
    [(ArmingScope.FLEET, ""), (ArmingScope.CLUSTER, "default"), (ArmingScope.HOST, "alpha")],
)
def test_where_automation_is_disarmed_a_person_still_acts(scope: ArmingScope, name: str) -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, own = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(own, "web", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(own)
        await fleet.service.arming.disarm(scope, name, why="new switches", actor="anna")
        (vm,) = strays(fleet, 1)
        seen = await fleet.standing(host, vm, Standing.LOOKALIKE)
        await fleet.passes(host, 5)
        assert running(fleet, [vm]) == 1
        seen = await fleet.sighted(host, vm)
        assert "disarmed" in seen.why
        assert "anna" in seen.why
        done = await fleet.power(OperationKind.STOP, own, force=True)
        assert done.state is OperationState.DONE
        await fleet.service.arming.arm(scope, name, actor="bert")
        await fleet.sighted(host, vm, power=STOPPED)

    tell(story, policy={"unknown_vms": "stop-by-name"})


def test_disarming_outlives_a_restart() -> None:
    async def story(fleet: TestFleet) -> None:
        host = await fleet.add_host("alpha")
        await fleet.service.arming.disarm(ArmingScope.FLEET, why="", actor="anna")
        await fleet.restart()
        (vm,) = strays(fleet, 1)
        await fleet.standing(host, vm, Standing.LOOKALIKE)
        await fleet.passes(host, 5)
        assert running(fleet, [vm]) == 1
        found = (await status(fleet.service.context)).disarmed
        assert found is not None
        assert found.by == "anna"

    tell(story, policy={"unknown_vms": "stop-by-name"})


def test_a_preview_shows_what_a_looser_policy_would_stop_and_stops_nothing() -> None:
    async def story(fleet: TestFleet) -> None:
        vms = strays(fleet, 3)
        fleet.hypervisors["alpha"].define(vm_uuid(), "Windows 7 (32-bit) (1)", running=True)
        host = await fleet.add_host("alpha")
        await fleet.passes(host, 3)
        context = fleet.service.context
        now = await preview(context, await fleet.now(host), settings={}, mode=None)
        assert not any(item.act or item.withheld for item in now.items)
        if_ = await preview(
            context, await fleet.now(host), settings={"unknown_vms": "stop-by-name"}, mode=None
        )
        assert {item.vm for item in if_.items if item.act} == set(vms)
        tight: dict[str, object] = {"unknown_vms": "stop-by-name", "stops_per_pass_max": 1}
        over = await preview(context, await fleet.now(host), settings=tight, mode=None)
        assert {item.vm for item in over.items if item.withheld} == set(vms)
        assert "at most 1" in over.held
        looking = await preview(
            context, await fleet.now(host), settings=tight, mode=HostMode.OBSERVE
        )
        assert not any(item.act or item.withheld for item in looking.items)
        await fleet.passes(host, 3)
        assert running(fleet, vms) == 3
        assert fleet.hypervisors["alpha"].acts.total() == 0

    tell(story)
