"""An adoption rests on the last look at its host: what is heard or done at that moment counts."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.pasts import adopt
from tests.servers import STOPPED, bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.errors import NotFound, Refused
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, PowerReason, VmPhase
from vmuster.model.vm import VmRecord
from vmuster.server.requests.removal import Removal
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Busy(MemoryStore):
    """A store where something else happens just before the next adoption is written, or just
    before the next look is."""

    before_adoption: Callable[[], Awaitable[object]] | None = None
    before_look: Callable[[], Awaitable[object]] | None = None
    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        writes = [write.after for each in changes for write in each.writes]
        if any(isinstance(row, VmRecord) for row in writes):
            happens, self.before_adoption = self.before_adoption, None
            if happens is not None:
                await happens()
        if any(each.sightings for each in changes):
            happens, self.before_look = self.before_look, None
            if happens is not None:
                await happens()
        return ["the disk is full"] if self.full else await super().commit(changes)


async def test_what_is_heard_at_that_moment_is_what_is_recorded(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1), power=STOPPED, reason=PowerReason.GUEST))
    store.before_adoption = lambda: parts.report(host, seen(vm(1)))
    operation = await adopt(parts)
    record = await parts.record(vm(1))
    assert (record.desired, record.phase) == (DesiredState.RUNNING, VmPhase.RUNNING)
    assert [each.id for each in await store.find(Operation)] == [operation.id]
    assert [sent.id for sent in await parts.sent(vm(1))] == [operation.command]


async def test_a_look_that_was_decided_before_it_is_not_taken_in_after_it(
    anyio_backend: str,
) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1), power=STOPPED, reason=PowerReason.GUEST))
    store.before_look = lambda: adopt(parts)
    assert (await parts.report(host, seen(vm(1)))).startswith("stale")
    assert (await parts.sighting(host, vm(1))).power is STOPPED


async def test_a_vm_whose_host_is_removed_at_that_moment_is_not_adopted(
    anyio_backend: str,
) -> None:
    store = Busy()
    parts = await bench(store)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    removal = Removal(parts.context, parts.heard, parts.requests)
    store.before_adoption = lambda: removal.remove(host, forget=False, actor="bert")
    with pytest.raises(NotFound):
        await adopt(parts)
    assert await store.find(VmRecord) == []
    assert await parts.sent(vm(1)) == []
    assert await store.find(Operation) == []


async def test_what_is_refused_for_itself_is_not_asked_anew(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    await parts.report(await parts.host(), seen(vm(1)))
    store.full = True
    with pytest.raises(Refused, match="the disk is full"):
        await adopt(parts)
