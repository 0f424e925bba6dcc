"""A person's word that no copy of a VM is left on a host: where no witness can give it."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState, PowerReason
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.server.requests.copies import forget_copy
from vmuster.server.requests.forgetting import given_up_on
from vmuster.server.requests.removal import Removal

pytestmark = pytest.mark.anyio
STRANGER, VM = vm(9), vm(1)


def off(parts: Bench) -> VmObservation:
    return seen(VM, power=STOPPED, reason=PowerReason.HAND, mark=parts.mark(VM))


async def say(parts: Bench, host: Host, vm: VmUuid = VM, key: str = "") -> Operation:
    return await forget_copy(parts.context, parts.heard, vm, host, actor="ann", key=key)


async def left(parts: Bench) -> tuple[Host, Host]:
    """VM 1 went by hand from beta to alpha, where it is off now; beta has no witness."""
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.report(alpha)
    await parts.adopted(beta, VM)
    for _ in range(4):
        await parts.report(alpha, seen(VM, mark=parts.mark(VM)))
        await parts.report(beta, seen(STRANGER))
    await parts.report(alpha, off(parts))
    assert (await parts.record(VM)).host == alpha.id
    return alpha, beta


async def started(parts: Bench, host: Host) -> Operation:
    """What becomes of a start, once a witness's answer has been waited for."""
    operation = await parts.requests.power(OperationKind.START, VM, actor="ann")
    parts.clock.pass_by(11)
    await parts.report(host, off(parts))
    return await parts.operation(operation)


async def test_it_is_started_elsewhere_once_a_person_has_said_so(parts: Bench) -> None:
    alpha, beta = await left(parts)
    refused = await started(parts, alpha)
    assert refused.state is OperationState.FAILED
    assert f"vmuster vm forget {VM} --on {beta.id}" in refused.message
    done = await say(parts, beta, key="once")
    assert done.state is OperationState.DONE
    entry = (await parts.journal(VM))[-1]
    assert (entry.actor, entry.host, "no copy" in entry.what) == ("ann", beta.id, True)
    assert (await say(parts, beta, key="once")).id == done.id
    await parts.report(beta, seen(STRANGER))
    assert (await started(parts, alpha)).state is OperationState.RUNNING


async def test_a_start_waits_a_while_for_the_witness(parts: Bench) -> None:
    alpha, beta = await left(parts)
    parts.heard.asked.clear()
    operation = await parts.requests.power(OperationKind.START, VM, actor="ann")
    await parts.report(alpha, off(parts))
    assert (await parts.operation(operation)).state is OperationState.PENDING
    assert beta.id in {wish.host for wish in parts.heard.asked}
    await parts.report(beta, partial=True, absent=(VM,))
    await parts.report(alpha, off(parts))
    assert (await parts.operation(operation)).state is OperationState.RUNNING


async def test_what_the_host_shows_goes_before_what_is_said(parts: Bench) -> None:
    alpha, beta = await left(parts)
    await parts.report(beta, seen(STRANGER), seen(VM, mark=parts.mark(VM)))
    with pytest.raises(Refused, match="beta shows vm-1: it is running there"):
        await say(parts, beta)
    with pytest.raises(Refused, match="alpha shows"):
        await say(parts, alpha)
    with pytest.raises(Refused, match="nothing of it is remembered on host alpha"):
        await say(parts, alpha, vm(77))
    assert not (await parts.sighting(beta, VM)).absent


async def test_the_evidence_outlives_the_record(parts: Bench) -> None:
    """Released here and adopted anew, it is still not started while a process may be left there."""
    alpha, beta = await left(parts)
    await parts.change(await parts.record(VM), removed_at=5.0)
    await parts.report(beta, seen(STRANGER))
    kept = await parts.sighting(beta, VM)
    assert (kept.absent, kept.absence_confirmed) == (True, False)
    removal = Removal(parts.context, parts.heard, parts.requests)
    with pytest.raises(Refused, match="1 VMs of ours may run on host beta"):
        await removal.remove(await parts.now(beta), forget=False, actor="ann")
    await parts.change(await parts.record(VM), removed_at=None)
    assert (await started(parts, alpha)).state is OperationState.FAILED


async def test_the_record_follows_a_stopped_vm_from_a_home_without_a_witness(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.report(alpha)
    await parts.adopted(beta, VM)
    await parts.report(beta, off(parts))

    async def rounds() -> VmRecord:
        for _ in range(3):
            await parts.report(alpha, off(parts))
            await parts.report(beta, seen(STRANGER))
        return await parts.record(VM)

    assert (await rounds()).host == beta.id
    await say(parts, beta)
    assert (await rounds()).host == alpha.id


async def test_a_list_that_is_right_to_be_empty_lets_the_record_go(parts: Bench) -> None:
    beta = await parts.host("beta")
    await parts.adopted(beta, VM)
    policy = (await parts.cluster()).policy
    for _ in range(3):
        await parts.report(beta)
    assert not given_up_on(await parts.record(VM), policy)
    await say(parts, beta)
    assert await parts.store.find(Sighting, uuid=VM, absent=False) == []
    for _ in range(2):
        await parts.report(beta)
    assert given_up_on(await parts.record(VM), policy)
    forgotten = await parts.requests.forget(VM, actor="ann")
    assert forgotten.state is OperationState.DONE


async def test_what_a_look_has_shown_since_the_empty_list_goes_before_what_is_said(
    parts: Bench,
) -> None:
    beta = await parts.host("beta")
    await parts.adopted(beta, VM)
    await parts.report(beta)
    await parts.report(beta, off(parts), partial=True)
    with pytest.raises(Refused, match="beta shows vm-1: it is stopped there"):
        await say(parts, beta)
    assert not (await parts.sighting(beta, VM)).absent
    await parts.report(beta)
    assert (await say(parts, beta)).state is OperationState.DONE
