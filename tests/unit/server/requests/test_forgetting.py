"""A record goes on a person's word where its VM is not there with our mark; else it is released."""

import msgspec
import pytest

from tests.pasts import foreign, missing, owned, power, release, unmarked
from tests.servers import Bench, seen, vm
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.states import OperationState, Standing
from vmuster.model.vm import VmRecord
from vmuster.reconcile.too_new import quarantined

pytestmark = pytest.mark.anyio


async def forget(parts: Bench, key: str = "") -> Operation:
    return await parts.requests.forget(vm(1), actor="ann", key=key)


async def vanished(parts: Bench, reports: int = 2) -> Host:
    """VM 1 is undefined by hand, and nobody can say that no process of it is left."""
    host = await owned(parts)
    for _ in range(reports):
        await parts.report(host, seen(vm(5)))
    return host


async def test_one_that_its_host_lacks_is_let_go_at_once_and_written_down(parts: Bench) -> None:
    await vanished(parts)
    with pytest.raises(Refused, match="does not show it") as refusal:
        await release(parts)
    assert refusal.value.hint.endswith(f"vmuster vm forget {vm(1)}")
    asked = await forget(parts)
    assert (asked.state, asked.message) == (
        OperationState.DONE,
        "forgotten: its host does not show it any more",
    )
    assert await parts.store.get(VmRecord, vm(1)) is None
    entry = (await parts.journal(vm(1)))[-1]
    assert (entry.actor, "forgotten" in entry.what) == ("ann", True)


async def test_one_that_another_fleet_took_over_is_let_go(parts: Bench) -> None:
    await foreign(parts)
    assert "another fleet" in (await forget(parts)).message
    assert await parts.store.get(VmRecord, vm(1)) is None


async def test_one_that_is_missing_is_let_go(parts: Bench) -> None:
    host = await owned(parts)
    for _ in range(2):
        await parts.report(host, seen(vm(5)), absent=(vm(1),))
    assert (await forget(parts)).state is OperationState.DONE


async def test_what_is_there_with_our_mark_is_released_instead(parts: Bench) -> None:
    await vanished(parts)
    beta = await parts.host("beta")
    await parts.report(beta, seen(vm(1), mark=parts.mark(vm(1))))
    with pytest.raises(Refused, match=f"on host {beta.id}, with our mark") as refusal:
        await forget(parts)
    assert refusal.value.hint == f"vmuster vm release {vm(1)}"
    assert (await parts.record(vm(1))).live


async def test_what_is_there_without_a_mark_is_let_go_and_is_a_stranger(parts: Bench) -> None:
    await unmarked(parts)
    with pytest.raises(Refused, match="unproven") as refusal:
        await release(parts)
    assert "vmuster vm forget" in refusal.value.hint
    assert "no mark of ours" in (await forget(parts)).message
    assert await parts.store.get(VmRecord, vm(1)) is None
    (host,) = await parts.store.find(Host)
    outbox = await parts.store.find(OutboxCommand)
    for _ in range(3):
        await parts.report(host, seen(vm(1)))
    assert (await parts.sighting(host, vm(1))).standing is Standing.ALIEN
    assert await parts.store.find(OutboxCommand) == outbox, "nothing was done to it"
    entry = next(e for e in await parts.journal(vm(1)) if "forgotten" in e.what)
    assert entry.actor == "ann"


async def test_what_a_part_of_an_account_shows_without_a_mark_is_kept(parts: Bench) -> None:
    host = await owned(parts)
    parts.clock.pass_by(1)
    await parts.report(host, seen(vm(1)), partial=True)
    with pytest.raises(Unavailable, match="no whole account"):
        await forget(parts)
    await parts.report(host, seen(vm(1)))
    assert (await forget(parts)).state is OperationState.DONE


async def test_what_bears_a_mark_that_is_not_good_is_kept(parts: Bench) -> None:
    host = await owned(parts)
    good = parts.mark(vm(1))
    await parts.report(host, seen(vm(1), mark=msgspec.structs.replace(good, signature="A" * 86)))
    with pytest.raises(Refused, match="unproven"):
        await forget(parts)
    assert (await parts.record(vm(1))).live


async def test_what_would_be_stopped_for_its_name_is_kept(parts: Bench) -> None:
    host = await owned(parts)
    await parts.report(host, seen(vm(1), "i-2-7-VM"))
    await parts.policy(unknown_vms="stop-by-name")
    with pytest.raises(Refused, match="stops such VMs"):
        await forget(parts)
    assert (await parts.record(vm(1))).live


async def test_one_that_was_missed_once_is_kept(parts: Bench) -> None:
    await vanished(parts, reports=1)
    with pytest.raises(Refused, match="2 complete reports in a row"):
        await forget(parts)
    assert (await parts.record(vm(1))).live


async def test_it_waits_its_turn_and_is_one_request_under_one_key(parts: Bench) -> None:
    await power(parts) if await owned(parts) else None
    host = (await parts.store.find(Host))[0]
    for _ in range(2):
        await parts.report(host, seen(vm(5)))
    with pytest.raises(Refused, match="in flight"):
        await forget(parts)
    parts.clock.pass_by(600)
    await parts.report(host, seen(vm(5)))
    first = await forget(parts, key="once")
    assert (await forget(parts, key="once")).id == first.id


async def test_not_in_quarantine_and_not_twice(parts: Bench) -> None:
    await vanished(parts)
    fleet = parts.context.fleet
    parts.context.fleet = quarantined(fleet, ("a sign",), 1, 1.0)
    with pytest.raises(Refused, match="quarantine"):
        await forget(parts)
    parts.context.fleet = fleet
    await forget(parts)
    with pytest.raises(Refused, match="no record"):
        await forget(parts)


async def test_should_it_turn_up_again_it_is_an_orphan_and_no_riddle(parts: Bench) -> None:
    host = await vanished(parts)
    await forget(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.sighting(host, vm(1))).standing is Standing.ORPHAN
    assert parts.context.fleet.quarantine is None


async def test_a_missing_one_is_released_as_before(parts: Bench) -> None:
    await missing(parts)
    assert (await release(parts)).message == "it was missing; its record is dropped"
