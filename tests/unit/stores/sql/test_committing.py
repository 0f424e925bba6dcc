"""Several sets in one transaction: one that is refused leaves nothing, and the others whole."""

import asyncio
from pathlib import Path

from tests.conformance.stores.rows import api_key, entry, inserted
from vmuster.model.changes import Changes
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.stores.sql.opening import open_sqlite


def test_a_set_that_is_refused_leaves_nothing_and_the_others_are_whole(tmp_path: Path) -> None:
    def made(name: str) -> Changes:
        return Changes(writes=inserted(api_key(name=name)).writes, entries=(entry(),))

    async def play() -> None:
        store = open_sqlite(tmp_path / "vmuster.db")
        first, second, third = await store.commit([made("a"), made("a"), made("b")])
        assert (first, third) == ("", "")
        assert second
        assert [key.name for key in await store.find(ApiKey)] == ["a", "b"]
        assert len(await store.find(JournalEntry)) == 2
        await store.close()

    asyncio.run(play())
