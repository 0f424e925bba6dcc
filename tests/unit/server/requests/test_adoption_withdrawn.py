"""An adoption that is taken back: its host left at that moment, or somebody else wrote."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.pasts import adopt, tombstone
from tests.servers import bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.states import (
    DesiredState,
)
from vmuster.model.vm import VmRecord
from vmuster.server.requests.adoption import withdraw
from vmuster.server.requests.removal import Removal
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Busy(MemoryStore):
    """A store where something else happens just before the next adoption."""

    first: Callable[[], Awaitable[object]] | None = None
    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        first = self.first
        if first is not None and any(
            isinstance(write.after, VmRecord) for each in changes for write in each.writes
        ):
            self.first = None
            await first()
        return ["the disk is full"] if self.full else await super().commit(changes)


async def test_a_vm_whose_host_is_removed_at_that_moment_is_not_adopted(
    anyio_backend: str,
) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    removal = Removal(parts.context, parts.heard, parts.requests)
    store.first = lambda: removal.remove(host, forget=False, actor="bert")
    with pytest.raises(NotFound):
        await adopt(parts)
    assert await store.find(VmRecord) == []
    assert [sent.answered_at is None for sent in await parts.sent(vm(1))] == [False]
    assert [operation.open for operation in await store.find(Operation)] == [False]


async def test_an_adoption_that_is_taken_back_lowers_no_generation(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    await tombstone(parts)
    (host,) = await store.find(Host)
    await parts.report(host, *await parts.shown(host))
    before = await parts.record(vm(1))
    removal = Removal(parts.context, parts.heard, parts.requests)
    store.first = lambda: removal.remove(host, forget=False, actor="bert")
    with pytest.raises(NotFound):
        await parts.requests.adopt(vm(1), actor="ann")
    after = await parts.record(vm(1))
    assert (after.live, after.name) == (False, before.name)
    assert after.mark_generation > before.mark_generation
    assert after.generation > before.generation


async def test_it_is_taken_back_although_somebody_wrote_at_that_moment(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    asked = await adopt(parts)

    async def meddle() -> None:
        await parts.change(await parts.record(vm(1)), desired=DesiredState.STOPPED)

    store.first = meddle
    await withdraw(store, asked, 9.0)
    assert await store.find(VmRecord) == []
    assert not (await parts.operation(asked)).open
    await withdraw(store, asked, 9.0)
    assert (await parts.operation(asked)).finished_at == 9.0


async def test_what_can_not_be_taken_back_is_said(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    asked = await adopt(parts)
    store.full = True
    with pytest.raises(Refused, match="the disk is full"):
        await withdraw(store, asked, 9.0)
