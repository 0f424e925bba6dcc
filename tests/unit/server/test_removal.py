"""A host is removed only where nothing of ours is forgotten by it, but by a person's word."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.pasts import owned, power
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Host
from vmuster.model.states import OperationState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.too_new import quarantined
from vmuster.server.closing import open_operations
from vmuster.server.removal import Removal
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
    await removal(parts).remove(host, forget=True, actor="ann")
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


async def test_a_release_of_all_names_those_that_can_not_be(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1), vm(2))
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    with pytest.raises(Refused, match="1 of 2") as refusal:
        await removal(parts).release_all(host, actor="ann")
    assert "vm-2" in refusal.value.message
    (asked,) = await open_operations(parts.store, host.id)
    assert asked.vm == vm(1)


async def test_in_quarantine_no_host_is_removed(parts: Bench) -> None:
    host = await parts.host()
    parts.context.fleet = quarantined(parts.context.fleet, ("a sign",), 1, 1.0)
    with pytest.raises(Refused, match="quarantine"):
        await removal(parts).remove(host, forget=False, actor="ann")
    with pytest.raises(Refused, match="quarantine"):
        await removal(parts).release_all(host, actor="ann")


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
    with pytest.raises(Refused, match="VMs of ours"):
        await removal(parts).remove(host, forget=False, actor="ann")
    assert (await parts.record(vm(1))).host == host.id


async def test_a_database_without_room_is_not_asked_for_ever(anyio_backend: str) -> None:
    store = Overtaken()
    parts = await bench(store)
    host = await parts.host()
    store.full = True
    with pytest.raises(Refused, match="disk is full"):
        await removal(parts).remove(host, forget=False, actor="ann")
    assert parts.heard.hung_up == []
