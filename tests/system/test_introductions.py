"""What an agent says of itself: its past, and which host it speaks for."""

import asyncio
import shutil

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.states import HostHealth, OperationKind, OperationState, VmPhase
from vmuster.server.requests.recognition import accept


async def ours(fleet: TestFleet) -> tuple[Host, VmUuid]:
    """A host with one VM of ours that runs."""
    vm = vm_uuid()
    fleet.hypervisors["alpha"].define(vm, "db-01", running=True)
    host = await fleet.add_host("alpha")
    await fleet.adopt(vm)
    return host, vm


def stops_of(hypervisor: SimulatedHypervisor, vm: VmUuid) -> int:
    """How often a VM was stopped by us, in any way."""
    return sum(hypervisor.acts[vm, how] for how in ("shutdown", "force", "save"))


@pytest.mark.parametrize("rolled_back", [False, True], ids=["lost", "rolled back"])
def test_an_agent_without_its_past_breaks_nothing(rolled_back: bool) -> None:
    """F25, F26: no evidence of anything; work goes on, and nothing is done twice."""

    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        journal = fleet.journal(host)
        old = journal.with_suffix(".old")
        if rolled_back:
            shutil.copy(journal, old)
        assert (await fleet.power(OperationKind.STOP, vm, force=True)).state is OperationState.DONE
        await fleet.restart()
        await fleet.passes(host)
        await fleet.stop()
        if rolled_back:
            shutil.copy(old, journal)
        else:
            journal.unlink()
        await fleet.start()
        await fleet.passes(host)
        found = await fleet.store.get(Fleet)
        assert found is not None
        assert found.quarantine is None
        ended = await fleet.power(OperationKind.START, vm)
        assert ended.state is OperationState.DONE, ended.message
        alpha = fleet.hypervisors["alpha"]
        assert (stops_of(alpha, vm), alpha.acts[vm, "start"]) == (1, 1)

    tell(story)


@pytest.mark.parametrize("amid", [False, True], ids=["while no server ran", "in a conversation"])
def test_another_host_at_the_same_address_is_observed_only_after_a_persons_word(
    amid: bool,
) -> None:
    """F48: and no order reaches it before."""

    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]
        if amid:
            alpha.kill_daemon()
            alpha.uuid = HostUuid(vm_uuid())
            alpha.start_daemon()
        else:
            await fleet.stop()
            alpha.uuid = HostUuid(vm_uuid())
            await fleet.start()

        async def claimed() -> bool:
            return (await fleet.now(host)).claims == alpha.uuid

        await fleet.until(claimed)
        before = await fleet.now(host)
        assert f"vmuster host accept alpha --uuid {alpha.uuid}" in before.trouble
        acts = alpha.acts_on(vm)
        await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna", force=True)
        alpha.ring(vm)
        await asyncio.sleep(0.5)  # five intervals, in which nothing may reach it
        now = await fleet.now(host)
        assert (now.epoch, now.sequence) == (before.epoch, before.sequence)
        assert alpha.acts_on(vm) == acts
        context, board = fleet.service.context, fleet.service.switchboard
        await accept(context, board, now, alpha.uuid, actor="anna")

        async def up() -> bool:
            return (await fleet.now(host)).health is HostHealth.UP

        await fleet.until(up)
        await fleet.recorded(vm, phase=VmPhase.STOPPED)
        assert stops_of(alpha, vm) == 1

    tell(story)
