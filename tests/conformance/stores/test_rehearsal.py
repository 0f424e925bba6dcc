"""A rehearsal is the store itself, in which all is written in vain."""

import asyncio

import pytest

from tests.conformance.stores.rows import SECOND, dropped, entry, inserted
from tests.parts import VM, record
from vmuster.model.changes import Changes
from vmuster.model.journal import JournalEntry
from vmuster.model.vm import VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio
TAKEN = record(uuid=SECOND)


async def test_what_is_written_in_it_is_seen_in_it_and_undone_at_its_end(store: Store) -> None:
    await store.commit([inserted(record())])
    async with store.rehearsal() as rehearsed:
        assert await rehearsed.get(VmRecord, VM) == record(version=1)
        changes = [dropped(record(version=1)), inserted(TAKEN), Changes(entries=(entry(),))]
        assert await rehearsed.commit(changes) == ["", "", ""]
        assert await rehearsed.find(VmRecord) == [record(uuid=SECOND, version=1)]
        assert len(await rehearsed.find(JournalEntry)) == 1
        assert await store.find(VmRecord) == [record(version=1)]
    assert await store.find(VmRecord) == [record(version=1)]
    assert await store.find(JournalEntry) == []


async def test_it_refuses_as_in_earnest_and_goes_on(store: Store) -> None:
    await store.commit([inserted(record())])
    async with store.rehearsal() as rehearsed:
        (foretold,) = await rehearsed.commit([inserted(TAKEN)])
        assert await rehearsed.commit([dropped(record(version=1)), inserted(TAKEN)]) == ["", ""]
    assert [foretold] == await store.commit([inserted(TAKEN)]) != [""]


async def test_it_is_undone_where_whoever_rehearses_fails(store: Store) -> None:
    async def fail() -> None:
        async with store.rehearsal() as rehearsed:
            await rehearsed.commit([inserted(record())])
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await store.find(VmRecord) == []


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_it_is_undone_where_whoever_rehearses_is_cancelled(
    store: Store, steps: int, times: int
) -> None:
    begun = asyncio.Event()

    async def rehearse() -> None:
        async with store.rehearsal() as rehearsed:
            await rehearsed.commit([inserted(record())])
            begun.set()
            while True:
                await rehearsed.find(VmRecord)
                await rehearsed.commit([Changes(entries=(entry(), entry()))])
                await asyncio.sleep(0)

    task = asyncio.create_task(rehearse())
    await begun.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task])
    assert task.cancelled()
    async with asyncio.timeout(20):  # nobody holds the database any more
        assert await store.commit([Changes(entries=(entry(),))]) == [""]
    assert await store.find(VmRecord) == []
    assert len(await store.find(JournalEntry)) == 1


async def test_what_is_written_beside_it_is_written(store: Store) -> None:
    async with store.rehearsal() as rehearsed:
        await rehearsed.commit([inserted(record(uuid=SECOND, name="other"))])
        beside = asyncio.create_task(store.commit([inserted(record())]))
        await asyncio.sleep(0)
    assert await beside == [""]
    assert await store.find(VmRecord) == [record(version=1)]
