"""Adoption: a VM of any standing but another fleet's becomes ours as it is, under a higher mark."""

import msgspec
import pytest

from tests.parts import MARK, host, record, sighting
from tests.pasts import adopt, owned, stranger_on_two_hosts, unmarked
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import MarkVm
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host
from vmuster.model.mark import RawMark
from vmuster.model.names import VmKind
from vmuster.model.operations import Operation
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    HostHealth,
    OperationState,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.server.requests.adoption import adopted_record

pytestmark = pytest.mark.anyio


def _forged(parts: Bench) -> RawMark:
    return msgspec.structs.replace(parts.mark(vm(1), 9), signature="00" * 64)


def strangers(parts: Bench) -> dict[Standing, VmObservation]:
    return {
        Standing.ALIEN: seen(vm(1), "web-01"),
        Standing.LOOKALIKE: seen(vm(1), "r-7-VM"),
        Standing.ORPHAN: seen(vm(1), "web-01", mark=parts.mark(vm(1), 5)),
        Standing.UNPROVEN: seen(vm(1), mark=_forged(parts)),
        Standing.CLONE: seen(vm(1), mark=parts.mark(vm(2))),
    }


@pytest.mark.parametrize(
    "standing",
    [
        Standing.ALIEN,
        Standing.LOOKALIKE,
        Standing.ORPHAN,
        Standing.UNPROVEN,
        Standing.CLONE,
    ],
)
async def test_a_stranger_of_each_kind_is_adopted_as_it_is(
    parts: Bench, standing: Standing
) -> None:
    host = await parts.host()
    shown = strangers(parts)[standing]
    await parts.heard_of(vm(1))
    await parts.report(host, shown)
    assert (await parts.sighting(host, vm(1))).standing is standing
    operation = await adopt(parts)
    record = await parts.record(vm(1))
    assert (record.host, record.label, record.protected) == (host.id, shown.name, True)
    assert (record.desired, record.phase) == (DesiredState.RUNNING, VmPhase.RUNNING)
    assert record.mark_generation > (5 if standing is Standing.ORPHAN else 0)
    assert record.kind is (VmKind.ROUTER if standing is Standing.LOOKALIKE else VmKind.USER)
    (sent,) = await parts.sent(vm(1))
    assert isinstance(sent.command, MarkVm)
    assert (sent.command.replaces, sent.command.mark.generation) == (
        shown.mark,
        record.mark_generation,
    )
    assert (operation.state, operation.command) == (OperationState.RUNNING, sent.id)
    assert (sent.command.automatic, sent.command.actor) == (False, "ann")


async def test_a_ghost_is_brought_back_under_a_higher_generation(parts: Bench) -> None:
    host = await owned(parts, removed_at=5.0, phase=VmPhase.DELETED)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.sighting(host, vm(1))).standing is Standing.GHOST
    before = await parts.record(vm(1))
    await adopt(parts)
    after = await parts.record(vm(1))
    assert after.live
    assert after.mark_generation > before.mark_generation
    assert after.generation == before.generation + 1


async def test_a_vm_that_lost_its_mark_is_signed_anew_above_every_mark_it_had(
    parts: Bench,
) -> None:
    await unmarked(parts)
    before = await parts.record(vm(1))
    await adopt(parts)
    after = await parts.record(vm(1))
    assert after.mark_generation > before.mark_generation
    assert (after.desired, after.phase, after.name) == (before.desired, before.phase, before.name)


@pytest.mark.parametrize("marked", [False, True], ids=["it lost its mark", "it is ours"])
async def test_only_a_vm_that_is_ours_keeps_a_wish_that_reality_went_against(
    parts: Bench, marked: bool
) -> None:
    """Else the adoption of what runs would stop it a moment later, where drift is enforced."""
    await parts.policy(drift="enforce")
    host = await owned(parts, desired=DesiredState.STOPPED)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1)) if marked else None))
    for row in await parts.store.find(Operation, vm=vm(1)):
        ended = msgspec.structs.replace(row, state=OperationState.FAILED)
        await parts.store.commit((Changes(writes=(Write(before=row, after=ended),)),))
    await adopt(parts)
    wanted = (await parts.record(vm(1))).desired
    assert wanted is (DesiredState.STOPPED if marked else DesiredState.RUNNING)


async def test_what_is_ours_can_be_signed_anew(parts: Bench) -> None:
    """After a snapshot revert, or where the stored definition lost its mark."""
    host = await owned(parts)
    before = await parts.record(vm(1))
    old = parts.mark(vm(1))
    await parts.policy(drift="enforce")
    await adopt(parts)
    await parts.report(host, seen(vm(1), mark=old))
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    after = await parts.record(vm(1))
    assert after.mark_generation > before.mark_generation
    assert (after.desired, after.phase) == (before.desired, before.phase)


async def test_after_a_release_no_generation_is_given_again(parts: Bench) -> None:
    """A snapshot revert may bring the mark of before the release back."""
    host = await owned(parts)
    before = await parts.record(vm(1))
    await parts.requests.release(vm(1), actor="ann")
    await parts.report(host, seen(vm(1)))
    assert await parts.store.get(VmRecord, vm(1)) is None
    await adopt(parts)
    assert (await parts.record(vm(1))).mark_generation > before.mark_generation


@pytest.mark.parametrize("previous", ["stranger", "tombstone", "record"])
async def test_a_refused_adoption_leaves_what_was_there_before(parts: Bench, previous: str) -> None:
    if previous == "stranger":
        host = await parts.host()
        await parts.report(host, seen(vm(1)))
    elif previous == "tombstone":
        host = await owned(parts, removed_at=5.0, phase=VmPhase.DELETED)
        await parts.report(host, seen(vm(1)))
    else:
        host = await owned(parts)
        await parts.report(host, seen(vm(1)))
    before = await parts.store.get(VmRecord, vm(1))
    operation = await adopt(parts)
    assert operation.command is not None
    await parts.answer(operation.command, host, CommandOutcome.REFUSED)
    await parts.report(host, seen(vm(1)))
    assert (await parts.operation(operation)).state is OperationState.FAILED
    after = await parts.store.get(VmRecord, vm(1))
    if before is None:
        assert after is None
    else:
        assert after is not None
        assert (after.live, after.name, after.phase) == (before.live, before.name, before.phase)


@pytest.mark.parametrize(
    ("power", "reason", "error"),
    [
        (PowerState.UNKNOWN, PowerReason.UNKNOWN, Unavailable),
        (PowerState.PAUSED, PowerReason.MIGRATING, Unavailable),
        (STOPPED, PowerReason.SAVED, Refused),
    ],
)
async def test_a_vm_of_which_it_is_not_known_whether_it_runs_is_not_adopted(
    parts: Bench, power: PowerState, reason: PowerReason, error: type[Exception]
) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), power=power, reason=reason))
    with pytest.raises(error):
        await adopt(parts)
    assert await parts.store.get(VmRecord, vm(1)) is None
    assert await parts.sent(vm(1)) == []


async def test_a_vm_whose_record_lives_on_another_host_is_not_adopted_here(parts: Bench) -> None:
    await owned(parts)
    beta = await parts.host("beta")
    await parts.report(beta, seen(vm(1)))
    with pytest.raises(Refused, match="another host"):
        await parts.requests.adopt(vm(1), actor="ann", host=beta.id)


async def test_a_stopped_or_paused_vm_is_adopted_as_it_is(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), power=STOPPED, reason=PowerReason.GUEST))
    await adopt(parts)
    record = await parts.record(vm(1))
    assert (record.desired, record.phase) == (DesiredState.STOPPED, VmPhase.STOPPED)


async def test_a_name_of_a_live_record_is_not_given_twice(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web"), seen(vm(2), "web2"))
    await parts.requests.adopt(vm(1), actor="ann", name="shop")
    with pytest.raises(Refused) as refusal:
        await parts.requests.adopt(vm(2), actor="ann", name="shop")
    assert refusal.value.hint
    assert await parts.store.get(VmRecord, vm(2)) is None
    assert await parts.sent(vm(2)) == []


async def test_which_of_two_hosts_may_be_said(parts: Bench) -> None:
    await stranger_on_two_hosts(parts)
    hosts = await parts.store.find(Host, name="beta")
    operation = await parts.requests.adopt(vm(1), actor="ann", host=hosts[0].id)
    assert operation.host == hosts[0].id


@pytest.mark.parametrize("well_since", [1.0, None])
async def test_a_host_that_is_back_and_not_yet_up_is_heard(
    parts: Bench, well_since: float | None
) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    await parts.change(
        await parts.now(host), health=HostHealth.SUSPECT, well_since=well_since, flaps=3
    )
    if well_since is None:
        with pytest.raises(Unavailable, match="not heard of"):
            await adopt(parts)
    else:
        await adopt(parts)


@pytest.mark.parametrize(
    ("number", "recorded", "shown", "given"),
    [(9, 7, "7", 9), (3, 7, "5", 8), (3, 5, "7", 8), (3, None, "7", 8), (3, None, "none", 3)],
)
def test_a_new_mark_is_above_every_one_that_is_known(
    number: int, recorded: int | None, shown: str, given: int
) -> None:
    seen_there = sighting(raw_mark=msgspec.structs.replace(MARK, generation=shown))
    known = None if recorded is None else record(mark_generation=recorded)
    after = adopted_record(seen_there, known, host(), name="", number=number, now=1.0)
    assert after.mark_generation == given
