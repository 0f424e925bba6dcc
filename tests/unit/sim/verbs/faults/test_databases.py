"""Databases that break: each sentence does what it says, and is mended by its heal."""

import pytest

from tests.faulty import Faulty
from vmuster.model.changes import Changes
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.service import Service
from vmuster.sim.verbs.verb import Pointless


def test_a_database_is_away_until_it_is_back() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the database is away")
        with pytest.raises(Unavailable):
            await small.world.ask(lambda service: service.store.get(Fleet))
        assert small.world.database.back_at == 0.0
        await small.happens("the database is back")
        assert await small.world.ask(lambda service: service.store.get(Fleet)) is not None
        assert 0.0 < small.world.database.back_at <= small.world.loop.time()

    Faulty().play(main)


async def _note(service: Service) -> None:
    entry = JournalEntry(at=0.0, kind=EntryKind.AUDIT, actor="anna", what="a note")
    _ = await service.store.commit((Changes(entries=(entry,)),))


def test_a_database_is_slow_until_it_is_fast() -> None:
    async def main(small: Faulty) -> None:
        async def seconds() -> float:
            began = small.world.loop.time()
            await small.world.ask(_note)
            return small.world.loop.time() - began

        await small.happens("the database is 1000 times slower")
        assert await seconds() > 1.0
        await small.happens("the database is fast again")
        assert await seconds() < 1.0

    Faulty().play(main)


def test_a_commit_whose_answer_is_lost_is_durable() -> None:
    async def main(small: Faulty) -> None:
        rows = small.world.database.rows
        await small.happens("the answer to the next commit is lost")
        with pytest.raises(Unavailable, match="the answer"):
            await small.world.ask(_note)
        notes = await rows.find(JournalEntry, actor="anna")
        assert "a note" in [entry.what for entry in notes]
        await small.world.ask(_note)

    Faulty().play(main)


@pytest.mark.parametrize(("note", "quarantined"), [("", False), (" with a note", True)])
def test_what_came_after_a_backup_is_forgotten(note: str, quarantined: bool) -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the database is backed up as monday", "host gamma with an agent")
        rows = small.world.database.rows
        assert len(await rows.find(Host)) == 3
        await small.happens(f"the database is restored from monday{note}")
        assert not small.world.servers[0].process.alive
        rows = small.world.database.rows
        assert len(await rows.find(Host)) == 2
        _ = await small.world.serving()
        fleet = await rows.get(Fleet)
        assert fleet is not None
        assert (fleet.quarantine is not None) == quarantined
        assert not small.world.database.distrusted

    Faulty().play(main)


@pytest.mark.parametrize("note", ["", " with a note"])
def test_a_copy_that_was_never_made_can_not_be_restored(note: str) -> None:
    async def main(small: Faulty) -> None:
        with pytest.raises(Pointless):
            await small.happens(f"the database is restored from monday{note}")
        assert not small.world.database.distrusted
        assert small.world.servers[0].process.alive

    Faulty().play(main)
