"""The journal: ids without gaps, and each entry hangs on the one before, whoever writes (T31)."""

import asyncio
from pathlib import Path

import pytest

from tests.conformance.stores.rows import (
    SECOND,
    changed,
    dropped,
    entry,
    house,
    inserted,
    linked,
)
from tests.parts import record, sighting
from vmuster.model.changes import Changes
from vmuster.model.ids import HostId
from vmuster.model.journal import JournalEntry
from vmuster.ports.store import Store
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio


async def hangs_together(store: Store) -> list[str]:
    """What the entries say; their ids have no gap, and their links are right."""
    lines = list(await store.find(JournalEntry))
    assert [line.id for line in lines] == list(range(1, len(lines) + 1))
    assert lines == linked(*lines)
    return [line.what for line in lines]


async def test_each_entry_hangs_on_the_one_before(store: Store) -> None:
    await store.commit([Changes(entries=(entry(what="a"), entry(what="b")))])
    await store.commit(
        [Changes(entries=(entry(what="c"),)), Changes(), Changes(entries=(entry(what="d"),))]
    )
    assert await hangs_together(store) == ["a", "b", "c", "d"]


async def test_what_an_entry_says_of_its_own_id_and_chain_counts_for_nothing(store: Store) -> None:
    await store.commit([Changes(entries=(entry(id=41, chain="f" * 64, what="a"),))])
    assert await hangs_together(store) == ["a"]


async def test_a_refused_set_leaves_no_gap(store: Store) -> None:
    stale, there = record(version=7), record(uuid=SECOND, name="b", version=1)
    sets = [
        Changes(entries=(entry(what="a"),)),
        Changes(writes=changed(stale, stale).writes, entries=(entry(what="stale"),)),
        Changes(entries=(entry(what="b", host="\ud800"),)),
        Changes(
            writes=(*inserted(there).writes, *dropped(stale).writes),
            entries=(entry(what="half"), entry(what="done")),
        ),
        Changes(sightings=(sighting(host=HostId("nowhere")),), entries=(entry(what="lost"),)),
        Changes(entries=(entry(what="c"),)),
    ]
    answers = await store.commit(sets)
    assert [answer == "" for answer in answers] == [True, False, False, False, False, True]
    await store.commit([Changes(entries=(entry(what="d"),))])
    assert await hangs_together(store) == ["a", "c", "d"]


async def test_many_who_write_at_once_make_one_chain(store: Store) -> None:
    sets = [Changes(entries=(entry(what=f"{n}"), entry(what="more"))) for n in range(20)]
    assert await asyncio.gather(*(store.commit([each]) for each in sets)) == [[""]] * 20
    assert len(await hangs_together(store)) == 40


async def test_what_a_database_changes_is_linked_as_it_will_be_read(store: Store) -> None:
    evidence: dict[str, object] = {"b": -0.0, "a": [1, 2.5, {"é": None}], "vm": SECOND}
    await store.commit([Changes(entries=(entry(at=-0.0, evidence=evidence), entry(what="b")))])
    assert len(await hangs_together(store)) == 2


async def test_a_rehearsed_entry_leaves_none(store: Store) -> None:
    await store.commit([Changes(entries=(entry(what="a"),))])
    async with store.rehearsal() as rehearsed:
        await rehearsed.commit([Changes(entries=(entry(what="in vain"),))])
        assert await hangs_together(rehearsed) == ["a", "in vain"]
    await store.commit([Changes(entries=(entry(what="b"),))])
    assert await hangs_together(store) == ["a", "b"]


async def test_two_stores_on_one_database_make_one_chain(
    anyio_backend: str, tmp_path: Path
) -> None:
    assert anyio_backend
    one, other = open_sqlite(tmp_path / "a.db"), open_sqlite(tmp_path / "a.db")
    assert await one.commit([house()]) == [""]
    for number in range(6):
        store = (one, other)[number % 2]
        assert await store.commit([Changes(entries=(entry(what=f"{number}"),))]) == [""]
    assert await hangs_together(one) == ["0", "1", "2", "3", "4", "5"]
    await one.close()
    await other.close()
