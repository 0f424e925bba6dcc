"""What a set was decided on and does not write: it must still hold, or nothing is written."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import SECOND, THIRD, changed, dropped, entry, inserted
from tests.parts import VM, record, sighting
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio

OLD = f"vm {VM}: version 1 is no longer current"
NEW = record(uuid=THIRD, name="new")


async def test_a_guard_that_holds_lets_a_set_pass_and_writes_nothing_itself(store: Store) -> None:
    guard = record(version=1)
    await store.commit([inserted(guard)])
    passed = Changes(guards=(guard,), unrecorded=(SECOND,), writes=(Write(before=None, after=NEW),))
    assert await store.commit([passed]) == [""]
    assert await store.get(VmRecord, VM) == guard


async def test_a_guard_that_was_written_or_dropped_stops_the_whole_set(store: Store) -> None:
    guard = record(version=1)
    decided = Changes(
        guards=(guard,),
        writes=(Write(before=None, after=NEW),),
        sightings=(sighting(),),
        entries=(entry(),),
    )
    await store.commit([inserted(guard), changed(guard, replace(guard, label="b"))])
    assert await store.commit([decided]) == [OLD]
    await store.commit([dropped(record(version=2))])
    assert await store.commit([decided]) == [OLD]
    assert await store.get(VmRecord, THIRD) is None
    assert await store.find(Sighting) == []
    assert await store.find(JournalEntry) == []


@pytest.mark.parametrize("removed_at", [None, 5.0])
async def test_a_record_that_appeared_stops_the_set(store: Store, removed_at: float | None) -> None:
    await store.commit([inserted(record(removed_at=removed_at))])
    decided = Changes(unrecorded=(SECOND, VM), writes=(Write(before=None, after=NEW),))
    assert await store.commit([decided]) == [f"vm {VM} is recorded by now"]
    assert await store.get(VmRecord, THIRD) is None


async def test_a_set_is_guarded_against_the_one_before_it_and_not_against_itself(
    store: Store,
) -> None:
    guard = record(version=1)
    await store.commit([inserted(guard)])
    first = changed(guard, replace(guard, label="b"))
    itself = Changes(guards=(record(version=2),), writes=changed(record(version=2), guard).writes)
    assert await store.commit([first, Changes(guards=(guard,)), itself]) == ["", OLD, ""]


async def test_very_many_guards_are_seen_to(store: Store) -> None:
    crowd = [record(uuid=VmUuid(UUID(int=n)), name=str(n), version=1) for n in range(10, 1210)]
    strangers = tuple(VmUuid(UUID(int=n)) for n in range(5000, 6200))
    await store.commit([inserted(*crowd)])
    stale = replace(crowd[-1], version=2)
    assert await store.commit(
        [
            Changes(guards=tuple(crowd), unrecorded=strangers),
            Changes(guards=(*crowd[:-1], stale)),
            Changes(unrecorded=(*strangers, crowd[-1].uuid)),
        ]
    ) == [
        "",
        f"vm {stale.uuid}: version 2 is no longer current",
        f"vm {stale.uuid} is recorded by now",
    ]
