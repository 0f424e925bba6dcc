"""What is true of the memory store alone; the rest is `tests/conformance/stores`."""

import asyncio

from tests.conformance.stores.rows import entry, house, inserted
from tests.parts import record
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.journal import JournalEntry
from vmuster.stores.memory import MemoryStore


def test_what_was_read_does_not_change_under_the_reader() -> None:
    async def story() -> None:
        store = MemoryStore()
        await store.commit([house()])
        before = await store.find(Host)
        evidence: dict[str, object] = {"n": 1}
        await store.commit([Changes(entries=(entry(evidence=evidence),)), inserted(record())])
        evidence["n"] = 2
        assert (await store.find(JournalEntry))[0].evidence == {"n": 1}
        assert await store.find(Host) == before

    asyncio.run(story())


def test_a_failed_set_uses_up_no_journal_id() -> None:
    async def story() -> None:
        store = MemoryStore()
        bad = Changes(writes=inserted(record(label="\ud800")).writes, entries=(entry(),))
        assert await store.commit([bad]) != [""]
        await store.commit([Changes(entries=(entry(),))])
        assert [line.id for line in await store.find(JournalEntry)] == [1]

    asyncio.run(story())
