"""What a server and its conversations begin with: what all rows weigh, the orders of a host without
an answer, and the VMs that its agent must ask about."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    changed,
    dropped,
    entry,
    inserted,
    other_host,
    settled,
    stop,
)
from tests.parts import HOST, OTHER, VM, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio
WEIGHED = frozenset({VmRecord, Sighting, Host})
FOURTH = VmUuid(UUID(int=4))


async def written(store: Store, *changes: Changes) -> None:
    """Write, or fail at once."""
    assert await store.commit(changes) == [""] * len(changes)


async def test_rows_weigh_the_same_until_one_is_written(store: Store) -> None:
    await written(store, inserted(record()), Changes(sightings=(sighting(),)))
    before = await store.weigh(WEIGHED)
    assert before != ""
    assert await store.weigh(WEIGHED) == before
    await written(store, changed(record(version=1), record(version=1)))
    after = await store.weigh(WEIGHED)
    await written(store, Changes(sightings=(sighting(why="looked at"),)))
    assert len({before, after, await store.weigh(WEIGHED)}) == 3


async def test_a_row_more_and_a_row_less_weigh_something(store: Store) -> None:
    none = await store.weigh(WEIGHED)
    await written(store, inserted(record()))
    one = await store.weigh(WEIGHED)
    await written(store, dropped(record(version=1)))
    assert one != none
    assert await store.weigh(WEIGHED) == none


async def test_rows_of_other_kinds_weigh_nothing(store: Store) -> None:
    before = await store.weigh(WEIGHED)
    await written(store, inserted(settled(), stop()), Changes(entries=(entry(),)))
    assert await store.weigh(WEIGHED) == before
    assert await store.weigh({*WEIGHED, Settled}) != before


async def test_orders_without_an_answer_come_in_their_order(store: Store) -> None:
    late, early, done = stop(1, created_at=9.0), stop(2, created_at=3.0), stop(3, answered_at=4.0)
    elsewhere = stop(4, host=OTHER)
    await written(store, inserted(late, early, done, elsewhere))
    assert [row.id for row in await store.unanswered(HOST)] == [early.id, late.id]
    assert [row.id for row in await store.unanswered(OTHER)] == [CommandId(elsewhere.id)]
    assert list(await store.unanswered(HostId("nobody"))) == []


async def test_an_agent_is_told_of_what_was_seen_and_of_what_should_be_there(store: Store) -> None:
    await written(
        store,
        inserted(record(), record(uuid=SECOND, name="b"), record(uuid=THIRD, name="c", host=OTHER)),
        Changes(sightings=(sighting(), sighting(uuid=FOURTH), sighting(uuid=SECOND, host=OTHER))),
    )
    assert list(await store.known_on(HOST)) == sorted([VM, SECOND, FOURTH])
    assert list(await store.known_on(OTHER)) == sorted([SECOND, THIRD])
    assert list(await store.known_on(HostId("nobody"))) == []


async def test_an_agent_is_not_asked_about_what_is_known_to_be_gone(store: Store) -> None:
    gone = sighting(absent=True, absence_confirmed=True)
    not_seen = sighting(uuid=SECOND, absent=True)
    removed = record(uuid=THIRD, name="c", removed_at=5.0)
    await written(store, inserted(record(), removed), Changes(sightings=(gone, not_seen)))
    assert list(await store.known_on(HOST)) == [SECOND]
    await written(store, Changes(sightings=(replace(gone, absence_confirmed=False),)))
    assert list(await store.known_on(HOST)) == sorted([VM, SECOND])


async def test_what_is_asked_for_by_text_that_is_none_is_not_there(store: Store) -> None:
    assert await store.get(Host, "\ud800") is None
    assert await store.get(Host, OTHER) == other_host(version=1)
