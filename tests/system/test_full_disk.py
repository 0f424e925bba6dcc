"""No room for the journal: then nothing is sent that ends a VM, and whoever asks is told (F89)."""

from collections.abc import Sequence

import pytest
import structlog

from tests.fleets import KeptStore, TestFleet, running_fleet, vm_uuid
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState, PowerState

pytestmark = pytest.mark.anyio


class Crammed(KeptStore):
    """A store on a disk that may be full: it can be read, and takes nothing that has entries."""

    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.full and any(each.entries or each.sightings for each in changes):
            raise Unavailable("database or disk is full", hint="make room")
        return await super().commit(changes)


async def ours(fleet: TestFleet) -> tuple[Host, VmUuid]:
    """A host with one VM of ours that is off, and asked to be."""
    alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
    alpha.define(vm, "db-01", running=False)
    host = await fleet.add_host("alpha")
    await fleet.adopt(vm)
    await fleet.passes(host)
    return host, vm


def stops_of(fleet: TestFleet, vm: VmUuid) -> int:
    """How often a VM was stopped by us, in any way."""
    acts = fleet.hypervisors["alpha"].acts
    return sum(acts[vm, how] for how in ("shutdown", "force", "save"))


async def test_what_can_not_be_written_down_is_not_done() -> None:
    """By itself it would stop the VM at once: drift is enforced, and a hand has started it."""
    store = Crammed()
    async with running_fleet("alpha", store=store, policy={"drift": "enforce"}) as fleet:
        host, vm = await ours(fleet)
        alpha = fleet.hypervisors["alpha"]
        before = await store.find(OutboxCommand, vm=vm)
        with structlog.testing.capture_logs() as logs:
            store.full = True
            alpha.start(vm)

            async def said() -> bool:
                return sum("disk is full" in str(line.get("why")) for line in logs) >= 2

            await fleet.until(said)
            with pytest.raises(Unavailable, match="disk is full") as refused:
                await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")
            assert refused.value.hint == "make room"
        assert stops_of(fleet, vm) == 0
        assert alpha.domains[vm].power is PowerState.RUNNING
        assert await store.find(OutboxCommand, vm=vm) == before
        assert await store.find(Operation, vm=vm, kind=OperationKind.STOP) == []

        store.full = False
        await fleet.until(lambda: _settled(fleet, vm))
        assert stops_of(fleet, vm) == 1
        entries = await store.find(JournalEntry, vm=vm, kind=EntryKind.COMMAND)
        assert len(entries) == 1, "the stop, and before it was done"
        ended = await fleet.power(OperationKind.START, vm)
        assert ended.state is OperationState.DONE, ended.message
        await fleet.passes(host)


async def _settled(fleet: TestFleet, vm: VmUuid) -> bool:
    """Whether it was stopped, and a look has ended the stop."""
    stops = await fleet.store.find(Operation, vm=vm, kind=OperationKind.STOP)
    return [stop.state for stop in stops] == [OperationState.DONE]
