"""Automation is disarmed while it is in the middle of an act: it goes no step further."""

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.commands import GUEST_WAS_ASKED
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import OperationKind, PowerState
from vmuster.server.requests.arming import ArmingScope

GRACE_SECONDS = 5.0
"""Long enough to disarm in it, even where the machine stands still for a while."""


async def asked_to_shut_down(fleet: TestFleet) -> VmUuid:
    """A VM of ours that somebody started, whose guest does not hear the shutdown it is asked for
    automatically."""
    await fleet.add_host("alpha")
    hypervisor, vm = fleet.hypervisors["alpha"], vm_uuid()
    hypervisor.define(vm, "web", deaf=True)
    await fleet.adopt(vm)
    hypervisor.start(vm)

    async def asked() -> bool:
        return hypervisor.acts[vm, "shutdown"] > 0

    await fleet.until(asked)
    return vm


async def answered(fleet: TestFleet, vm: VmUuid, words: str) -> bool:
    entries = await fleet.store.find(JournalEntry, vm=vm, kind=EntryKind.RESULT)
    return any(words in entry.what for entry in entries)


@pytest.mark.parametrize(
    ("scope", "name"),
    [(ArmingScope.FLEET, ""), (ArmingScope.CLUSTER, "default"), (ArmingScope.HOST, "alpha")],
)
def test_an_automatic_stop_does_not_come_to_force_once_it_is_disarmed(
    scope: ArmingScope, name: str
) -> None:
    async def story(fleet: TestFleet) -> None:
        vm = await asked_to_shut_down(fleet)
        await fleet.service.arming.disarm(scope, name, why="that stop is wrong", actor="ann")
        await fleet.until(
            lambda: answered(fleet, vm, f"refused: {GUEST_WAS_ASKED}automation is disarmed")
        )
        hypervisor = fleet.hypervisors["alpha"]
        assert hypervisor.domains[vm].power is PowerState.RUNNING
        assert hypervisor.acts[vm, "force"] == 0
        operation = await fleet.service.requests.power(OperationKind.STOP, vm, actor="ann")
        assert not operation.automatic, "a person is bound by none of it"

    tell(story, policy={"drift": "enforce", "stop_grace_seconds": GRACE_SECONDS})
