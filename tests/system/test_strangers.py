"""VMs that are not provably ours are listed, and never touched, whatever is asked."""

from collections.abc import Callable

import msgspec
import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.outside import new_signer
from tests.system.stories import tell
from vmuster.model.errors import Refused
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.states import HostMode, OperationKind, Standing

Marking = Callable[[TestFleet, VmUuid], RawMark | None]


def foreign(fleet: TestFleet, vm: VmUuid) -> RawMark:
    return write_mark(fleet.signer.mark(FleetId(vm_uuid()), vm, 1))


def copied(fleet: TestFleet, vm: VmUuid) -> RawMark:
    return fleet.mark(vm_uuid())


def forged(fleet: TestFleet, vm: VmUuid) -> RawMark:
    return write_mark(new_signer().mark(fleet.service.context.fleet.id, vm, 1))


def edited(fleet: TestFleet, vm: VmUuid) -> RawMark:
    return msgspec.structs.replace(fleet.mark(vm), generation="2")


def unmarked(fleet: TestFleet, vm: VmUuid) -> None:
    return None


STRANGERS: list[tuple[Standing, str, Marking]] = [
    (Standing.FOREIGN, "i-2-78-VM", foreign),
    (Standing.CLONE, "i-2-78-VM", copied),
    (Standing.UNPROVEN, "i-2-78-VM", forged),
    (Standing.UNPROVEN, "i-2-78-VM", edited),
    (Standing.ALIEN, "Windows 7 (32-bit) (1)", unmarked),
    (Standing.ALIEN, "i-9-99-OTHER", unmarked),
]


@pytest.mark.parametrize(("standing", "name", "marking"), STRANGERS)
def test_it_is_listed_and_never_touched_on_the_highest_rung(
    standing: Standing, name: str, marking: Marking
) -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(vm, name, running=True, mark=marking(fleet, vm))
        await fleet.policy(unknown_vms="stop-by-name", drift="enforce", restart="always")
        host = await fleet.add_host("alpha")
        await fleet.standing(host, vm, standing)
        await fleet.passes(host, 5)
        for force in (False, True):
            with pytest.raises(Refused):
                await fleet.power(OperationKind.STOP, vm, force=force)
        with pytest.raises(Refused):
            await fleet.service.requests.release(vm, actor="anna")
        assert alpha.acts_on(vm) == 0
        assert await fleet.commands(vm) == []

    tell(story)


def test_in_observe_nothing_is_written_whatever_is_asked() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha = fleet.hypervisors["alpha"]
        own, gone = vm_uuid(), vm_uuid()
        alpha.define(own, "db-01", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(own)
        await fleet.mode(host, HostMode.OBSERVE)
        before = alpha.acts.total()
        await fleet.policy(unknown_vms="stop-by-name", drift="enforce", restart="always")
        alpha.define(gone, "i-2-78-VM", running=True)
        await fleet.standing(host, gone, Standing.LOOKALIKE)
        for kind in (OperationKind.START, OperationKind.STOP):
            with pytest.raises(Refused, match="observe"):
                await fleet.power(kind, own, force=True)
        with pytest.raises(Refused, match="observe"):
            await fleet.service.requests.adopt(gone, actor="anna")
        with pytest.raises(Refused, match="observe"):
            await fleet.service.requests.release(own, actor="anna")
        alpha.crash(own)
        await fleet.passes(host, 5)
        assert alpha.acts.total() == before

    tell(story)


def test_to_adopt_web_01_changes_nothing_but_its_mark() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, vm, neighbour = fleet.hypervisors["alpha"], vm_uuid(), vm_uuid()
        domain = alpha.define(vm, "web-01", running=True)
        alpha.define(neighbour, "web-02", running=True)
        before = vars(domain).copy()
        await fleet.add_host("alpha")
        record = await fleet.adopt(vm)
        after = vars(alpha.domains[vm])
        changed = {name for name, value in after.items() if before[name] != value}
        assert changed == {"live_mark", "config_mark"}
        assert domain.live_mark == domain.config_mark == fleet.mark(vm)
        assert (record.name, record.protected) == ("web-01", True)
        assert alpha.acts == {(vm, "mark"): 1}

    tell(story)


def test_the_same_vm_active_on_two_hosts_is_frozen_on_both() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, beta = fleet.hypervisors["alpha"], fleet.hypervisors["beta"]
        vm, keeper = vm_uuid(), vm_uuid()
        alpha.define(vm, "db-01", running=True)
        beta.define(keeper, "other", running=True)
        await fleet.policy(unknown_vms="stop-by-name", drift="enforce", restart="always")
        home, other = await fleet.add_host("alpha"), await fleet.add_host("beta")
        await fleet.adopt(vm)
        beta.define(vm, "db-01", running=True, mark=fleet.mark(vm))
        for host in (home, other):
            await fleet.standing(host, vm, Standing.DUPLICATE)
        await fleet.passes(home, 5)
        with pytest.raises(Refused, match="duplicate"):
            await fleet.power(OperationKind.STOP, vm, force=True)
        assert (alpha.acts_on(vm), beta.acts_on(vm)) == (1, 0), "the mark, and no more"
        beta.destroy(vm)
        beta.undefine(vm)
        await fleet.standing(home, vm, Standing.OWNED)
        assert (await fleet.record(vm)).host == home.id

    tell(story, "alpha", "beta")
