"""A host is removed only where nothing of ours is forgotten by it, but by a person's word."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.pasts import owned, power
from tests.servers import STOPPED, Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Host
from vmuster.model.states import CommandOutcome, OperationState, PowerState
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.reconcile.too_new import quarantined
from vmuster.server.requests.closing import open_operations
from vmuster.server.requests.removal import Removal
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


def removal(parts: Bench) -> Removal:
    return Removal(parts.context, parts.heard, parts.requests)


async def silent(parts: Bench, host: Host) -> Host:
    await parts.change(await parts.now(host), well_since=None)
    return await parts.now(host)


async def test_a_host_goes_with_what_was_seen_there(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    await removal(parts).remove(host, forget=False, actor="ann")
    assert await parts.store.get(Host, host.id) is None
    assert await parts.store.find(Sighting) == []
    assert parts.heard.hung_up == [host.id]
    entry = (await parts.journal())[-1]
    assert (entry.actor, entry.host, "removed" in entry.what) == ("ann", host.id, True)
    with pytest.raises(NotFound):
        await removal(parts).remove(host, forget=False, actor="ann")


@pytest.mark.parametrize(
    ("heard", "forget", "hint"),
    [
        (True, False, "vmuster host remove alpha --release"),
        (True, True, "vmuster host remove alpha --release"),
        (False, False, "vmuster host remove alpha --forget"),
    ],
)
async def test_a_host_with_vms_of_ours_is_kept(
    parts: Bench, heard: bool, forget: bool, hint: str
) -> None:
    host = await owned(parts)
    if not heard:
        await silent(parts, host)
    before = await parts.now(host), await parts.journal()
    with pytest.raises(Refused) as refusal:
        await removal(parts).remove(host, forget=forget, actor="ann")
    assert refusal.value.hint == hint
    assert (await parts.now(host), await parts.journal()) == before
    assert (await parts.record(vm(1))).live


async def test_a_silent_host_is_forgotten_with_all_that_was_begun_there(parts: Bench) -> None:
    host = await owned(parts)
    asked = await power(parts)
    await silent(parts, host)
    await removal(parts).remove(host, forget=True, dead=True, actor="ann")
    assert await parts.store.get(VmRecord, vm(1)) is None
    assert (await parts.operation(asked)).state is OperationState.FAILED
    assert all(sent.answered_at is not None for sent in await parts.sent(vm(1)))
    said = (await parts.journal(vm(1)))[-1]
    assert (said.actor, "forgotten" in said.what) == ("ann", True)


async def test_a_host_is_not_removed_amid_an_act(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    host = await parts.host()
    for _ in range(3):
        await parts.report(host, seen(vm(7), "i-2-7-VM"))
    assert await parts.sent(vm(7))
    with pytest.raises(Refused, match="in flight"):
        await removal(parts).remove(host, forget=False, actor="ann")
    assert await parts.store.get(Host, host.id) is not None


async def test_the_pause_after_an_automatic_act_that_failed_keeps_no_host(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    host = await parts.host()
    for _ in range(3):
        await parts.report(host, seen(vm(7), "i-2-7-VM"))
    (sent,) = await parts.sent(vm(7))
    await parts.answer(sent.id, host, CommandOutcome.FAILED)
    (pause,) = await open_operations(parts.store, host.id)
    await removal(parts).remove(host, forget=False, actor="ann")
    assert await parts.store.get(Host, host.id) is None
    assert (await parts.operation(pause)).state is OperationState.FAILED


async def test_a_persons_request_keeps_a_host_until_it_has_ended(parts: Bench) -> None:
    host = await owned(parts)
    for mark in await parts.sent(vm(1)):
        await parts.answer(mark.id, host)
    await power(parts)
    await parts.store.commit(
        [Changes(writes=(Write(before=await parts.record(vm(1)), after=None),))]
    )
    with pytest.raises(Refused, match="stop vm-1 by ann is in flight"):
        await removal(parts).remove(host, forget=False, actor="ann")


async def test_a_release_of_all_names_those_that_can_not_be(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1), vm(2))
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    with pytest.raises(Refused, match="1 of 2") as refusal:
        await removal(parts).release_all(host, actor="ann")
    assert "vm-2" in refusal.value.message
    assert "(adopt it, to sign it anew; or," in refusal.value.message
    (asked,) = await open_operations(parts.store, host.id)
    assert asked.vm == vm(1)


async def test_in_quarantine_only_a_host_without_anything_of_ours_is_removed(
    parts: Bench,
) -> None:
    recorded, marked, plain = await owned(parts), await parts.host("beta"), await parts.host("c")
    await parts.heard_of(vm(2))
    await parts.report(marked, seen(vm(2), mark=parts.mark(vm(2))))
    await parts.report(plain, seen(vm(3)))
    parts.context.fleet = quarantined(parts.context.fleet, ("a sign",), 1, 1.0)
    for host in (recorded, marked):
        with pytest.raises(Refused, match="quarantine"):
            await removal(parts).remove(host, forget=False, actor="ann")
    with pytest.raises(Refused, match="quarantine"):
        await removal(parts).release_all(plain, actor="ann")
    await removal(parts).remove(plain, forget=False, actor="ann")
    assert await parts.store.get(Host, plain.id) is None


def marked(parts: Bench, **more: Any) -> VmObservation:
    return seen(vm(1), mark=parts.mark(vm(1)), **more)


async def away(parts: Bench, how: str) -> Host:
    """A host that shows VM 1, whose record lives on alpha and keeps to it."""
    await parts.policy(track_host_change=False)
    await owned(parts)
    beta = await parts.host("beta")
    match how:
        case "it runs there":
            await parts.report(beta, marked(parts))
        case "it is off there, and bears our mark":
            await parts.report(beta, marked(parts, power=STOPPED))
        case "it runs there without our mark":
            await parts.report(beta, seen(vm(1)))
        case "nothing is known of its power":
            await parts.report(beta, seen(vm(1), power=PowerState.UNKNOWN))
        case "nobody confirmed that it is gone":
            await parts.report(beta, marked(parts), seen(vm(5)))
            await parts.report(beta, seen(vm(5)))
        case "it is off there, without our mark":
            await parts.report(beta, seen(vm(1), power=STOPPED))
        case _:
            await parts.report(beta, marked(parts), seen(vm(5)))
            await parts.report(beta, seen(vm(5)), absent=(vm(1),))
    return await parts.now(beta)


@pytest.mark.parametrize(
    "how",
    [
        "it runs there",
        "it is off there, and bears our mark",
        "it runs there without our mark",
        "nothing is known of its power",
        "nobody confirmed that it is gone",
    ],
)
async def test_what_keeps_a_second_copy_from_being_started_is_not_removed(
    parts: Bench, how: str
) -> None:
    beta = await away(parts, how)
    with pytest.raises(Refused, match="may run on host beta") as refusal:
        await removal(parts).remove(beta, forget=False, actor="ann")
    assert refusal.value.hint.startswith(f"vmuster vm explain {vm(1)}")
    with pytest.raises(Refused, match="heard of"):
        await removal(parts).remove(beta, forget=False, dead=True, actor="ann")
    await silent(parts, beta)
    with pytest.raises(Refused, match="may run on host beta") as refusal:
        await removal(parts).remove(beta, forget=True, actor="ann")
    assert refusal.value.hint.endswith("vmuster host remove beta --forget --dead")
    await removal(parts).remove(beta, forget=False, dead=True, actor="ann")
    assert (await parts.record(vm(1))).live
    assert "dead" in (await parts.journal())[-1].what


@pytest.mark.parametrize("how", ["it is off there, without our mark", "it is gone, confirmed"])
async def test_a_copy_that_can_not_run_keeps_no_host(parts: Bench, how: str) -> None:
    await removal(parts).remove(await away(parts, how), forget=False, actor="ann")
    assert (await parts.record(vm(1))).live


async def test_a_stranger_that_may_have_left_a_process_keeps_no_host(parts: Bench) -> None:
    beta = await parts.host("beta")
    await parts.report(beta, seen(vm(1)), seen(vm(5)))
    await parts.report(beta, seen(vm(5)))
    (lost,) = await parts.store.find(Sighting, uuid=vm(1))
    assert (lost.absent, lost.absence_confirmed) == (True, False)
    await removal(parts).remove(beta, forget=False, actor="ann")
    assert await parts.store.get(Host, beta.id) is None


@pytest.mark.parametrize(
    ("power", "unseen", "dead"),
    [(STOPPED, False, False), (PowerState.UNKNOWN, False, True), (STOPPED, True, True)],
)
async def test_what_was_off_when_its_host_fell_silent_is_forgotten_without_more(
    parts: Bench, power: PowerState, unseen: bool, dead: bool
) -> None:
    host = await owned(parts)
    await parts.report(host, marked(parts, power=power), seen(vm(5)))
    if unseen:
        await parts.report(host, seen(vm(5)))
    await silent(parts, host)
    if dead:
        with pytest.raises(Refused, match="may run"):
            await removal(parts).remove(host, forget=True, actor="ann")
    await removal(parts).remove(host, forget=True, dead=dead, actor="ann")
    assert await parts.store.get(VmRecord, vm(1)) is None


class Overtaken(MemoryStore):
    """A store where something else happens just before the next removal, or it has no room."""

    first: Callable[[], Awaitable[object]] | None = None
    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        writes = [write for each in changes for write in each.writes]
        if not any(isinstance(write.before, Host) and write.after is None for write in writes):
            return await super().commit(changes)
        first, self.first = self.first, None
        if first is not None:
            await first()
        return ["the disk is full"] if self.full else await super().commit(changes)


async def test_a_report_at_that_moment_does_not_keep_it(anyio_backend: str) -> None:
    store = Overtaken()
    parts = await bench(store)
    host = await parts.host()
    store.first = lambda: parts.report(host, seen(vm(1)))
    await removal(parts).remove(host, forget=False, actor="ann")
    assert await store.find(Host) == []


async def test_an_adoption_at_that_moment_keeps_it(anyio_backend: str) -> None:
    store = Overtaken()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    store.first = lambda: parts.adopt(vm(1))
    with pytest.raises(Refused, match=r"VMs? of ours"):
        await removal(parts).remove(host, forget=False, actor="ann")
    assert (await parts.record(vm(1))).host == host.id


async def test_an_adoption_elsewhere_at_that_moment_keeps_it(anyio_backend: str) -> None:
    store = Overtaken()
    parts = await bench(store)
    alpha, beta = await parts.host(), await parts.host("beta")
    await parts.report(alpha, seen(vm(1), power=STOPPED))
    await parts.report(beta, seen(vm(1)))
    store.first = lambda: parts.requests.adopt(vm(1), actor="bert", host=alpha.id)
    with pytest.raises(Refused, match="may run on host beta"):
        await removal(parts).remove(beta, forget=False, actor="ann")
    assert (await parts.record(vm(1))).host == alpha.id


async def test_a_database_without_room_is_not_asked_for_ever(anyio_backend: str) -> None:
    store = Overtaken()
    parts = await bench(store)
    host = await parts.host()
    store.full = True
    with pytest.raises(Refused, match="disk is full"):
        await removal(parts).remove(host, forget=False, actor="ann")
    assert parts.heard.hung_up == []
