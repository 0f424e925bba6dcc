"""What a VM is to us is told by its uuid and its mark: F40 to F45 and T28, on real domains.

The ladder stands on its highest rung throughout, where most could go wrong.
"""

import msgspec
import pytest

from tests.fleets import vm_uuid
from tests.outside import new_signer
from tests.system.real.fleet import RealFleet, copy_to, pid, put_mark
from vmuster.model.errors import Refused
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.states import (
    OperationKind,
    OperationState,
    PowerReason,
    PowerState,
    Standing,
)

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture
async def strict(fleet: RealFleet) -> RealFleet:
    """The fleet, where VMs without a record and with a name of ours may be stopped."""
    await fleet.policy(unknown_vms="stop-by-name")
    return fleet


async def cannot_be_stopped(fleet: RealFleet, vm: VmUuid) -> None:
    for force in (False, True):
        with pytest.raises(Refused) as refusal:
            await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna", force=force)
        assert refusal.value.hint


async def test_a_vm_that_lost_its_mark_is_unproven_until_it_is_adopted_again(
    strict: RealFleet,
) -> None:
    vm = await strict.owned(running=False, name="i-2-78-VM")
    strict.on_alpha.redefine(vm)
    await strict.standing(strict.alpha, vm, Standing.UNPROVEN)
    strict.on_alpha.start(vm)
    process = pid(strict.on_alpha, vm)
    await strict.passes(strict.alpha, 4)
    await cannot_be_stopped(strict, vm)
    assert pid(strict.on_alpha, vm) == process
    record = await strict.adopt(vm)
    assert record.mark_generation > 1
    await strict.standing(strict.alpha, vm, Standing.OWNED)
    assert pid(strict.on_alpha, vm) == process


async def test_where_only_the_running_definition_bears_the_mark_a_stop_is_refused(
    strict: RealFleet,
) -> None:
    vm = await strict.owned()
    process = pid(strict.on_alpha, vm)
    strict.on_alpha.redefine(vm)
    ended = await strict.power(OperationKind.STOP, vm, force=True)
    assert ended.state is OperationState.FAILED
    assert "different marks" in ended.message
    assert pid(strict.on_alpha, vm) == process


async def test_a_clone_with_our_mark_is_not_ours(strict: RealFleet) -> None:
    vm = await strict.owned()
    copy = strict.on_alpha.clone(vm)
    strict.on_alpha.start(copy)
    process = pid(strict.on_alpha, copy)
    await strict.standing(strict.alpha, copy, Standing.CLONE)
    await strict.passes(strict.alpha, 4)
    await cannot_be_stopped(strict, copy)
    assert pid(strict.on_alpha, copy) == process
    assert await strict.commands(copy) == []


async def test_the_same_uuid_on_two_hosts_freezes_both(strict: RealFleet) -> None:
    strict.on_beta.define()  # both hosts share a process table: an empty list would prove nothing
    vm = await strict.owned()
    copy_to(strict.on_alpha, strict.on_beta.host, vm)
    strict.on_beta.start(vm)
    pids = pid(strict.on_alpha, vm), pid(strict.on_beta, vm)
    await strict.standing(strict.alpha, vm, Standing.DUPLICATE)
    await strict.standing(strict.beta, vm, Standing.DUPLICATE)
    await strict.passes(strict.alpha, 4)
    await cannot_be_stopped(strict, vm)
    assert (pid(strict.on_alpha, vm), pid(strict.on_beta, vm)) == pids
    assert await strict.commands(vm) == ["mark_vm"]

    strict.on_beta.destroy(vm)
    strict.on_beta.undefine(vm)
    await strict.standing(strict.alpha, vm, Standing.OWNED)
    record = await strict.record(vm)
    assert record.host == strict.alpha.id
    assert pid(strict.on_alpha, vm) == pids[0]


async def test_a_name_of_ours_is_not_enough_without_leave(fleet: RealFleet) -> None:
    ours = fleet.on_alpha.define(name="i-2-78-VM", running=True)
    theirs = fleet.on_alpha.define(name="prod-web-01", running=True)
    await fleet.standing(fleet.alpha, ours, Standing.LOOKALIKE)
    await fleet.standing(fleet.alpha, theirs, Standing.ALIEN)
    await fleet.passes(fleet.alpha, 4)
    assert pid(fleet.on_alpha, ours)
    assert pid(fleet.on_alpha, theirs)

    await fleet.policy(unknown_vms="stop-by-name")
    await fleet.sighted(fleet.alpha, ours, power=PowerState.STOPPED, reason=PowerReason.SAVED)
    assert fleet.on_alpha.process(ours) is None
    assert pid(fleet.on_alpha, theirs)
    assert await fleet.commands(theirs) == []


async def test_a_vm_of_another_fleet_is_none_of_our_business(strict: RealFleet) -> None:
    vm = strict.on_alpha.define(name="i-2-78-VM", running=True)
    other = write_mark(new_signer().mark(FleetId(vm_uuid()), vm, 1))
    put_mark(strict.on_alpha, vm, other)
    process = pid(strict.on_alpha, vm)
    await strict.standing(strict.alpha, vm, Standing.FOREIGN)
    await strict.passes(strict.alpha, 4)
    with pytest.raises(Refused, match="release it in the fleet"):
        await strict.service.requests.adopt(vm, actor="anna")
    await cannot_be_stopped(strict, vm)
    assert pid(strict.on_alpha, vm) == process
    assert strict.on_alpha.config_mark(vm) == other


async def test_an_orphan_is_kept_and_holds_every_stop_until_it_is_adopted(
    fleet: RealFleet,
) -> None:
    """A VM that was released, and to which a hand gave its old mark back."""
    orphan = await fleet.owned()
    first, old_mark = await fleet.record(orphan), fleet.on_alpha.config_mark(orphan)
    await fleet.done(await fleet.service.requests.release(orphan, actor="anna"))
    assert old_mark is not None
    put_mark(fleet.on_alpha, orphan, old_mark)
    process = pid(fleet.on_alpha, orphan)
    await fleet.standing(fleet.alpha, orphan, Standing.ORPHAN)
    await fleet.policy(unknown_vms="stop-by-name")
    stray = fleet.on_alpha.define(name="i-2-78-VM", running=True)
    await fleet.standing(fleet.alpha, stray, Standing.LOOKALIKE)
    await fleet.passes(fleet.alpha, 4)
    assert pid(fleet.on_alpha, stray)
    record = await fleet.adopt(orphan)
    assert record.mark_generation > first.mark_generation
    await fleet.sighted(fleet.alpha, stray, power=PowerState.STOPPED)
    assert pid(fleet.on_alpha, orphan) == process


def forgeries(fleet: RealFleet, vm: VmUuid) -> dict[str, RawMark]:
    good = fleet.mark(vm)
    return {
        "signed by a key of somebody": fleet.mark(vm, signer=new_signer()),
        "edited": msgspec.structs.replace(good, generation="2"),
        "cut": msgspec.structs.replace(good, signature=good.signature[:-2]),
        "unsigned": msgspec.structs.replace(good, signature=""),
    }


async def test_forged_marks_make_nothing_ours(strict: RealFleet) -> None:
    kinds = forgeries(strict, vm_uuid())
    vms = {what: strict.on_alpha.define(running=True) for what in kinds}
    for what, vm in vms.items():
        put_mark(strict.on_alpha, vm, forgeries(strict, vm)[what])
    pids = {vm: pid(strict.on_alpha, vm) for vm in vms.values()}
    for vm in pids:
        await strict.standing(strict.alpha, vm, Standing.UNPROVEN)
    await strict.passes(strict.alpha, 4)
    for vm, process in pids.items():
        await cannot_be_stopped(strict, vm)
        assert pid(strict.on_alpha, vm) == process
        assert await strict.commands(vm) == []
