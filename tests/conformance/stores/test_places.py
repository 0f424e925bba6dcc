"""Reading on from a place, and asking for one of several values."""

from typing import Any
from uuid import UUID

import pytest

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    api_key,
    entry,
    inserted,
    request_answer,
    stop,
)
from tests.parts import HOST, OTHER, VM, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Fleet
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.operations import RequestAnswer
from vmuster.model.rows import row_place
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio


async def written(store: Store, *changes: Changes) -> None:
    """Write, or fail at once."""
    assert await store.commit(changes) == [""] * len(changes)


@pytest.mark.parametrize("limit", [1, 2, 5, 9])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("kind", [VmRecord, Sighting, OutboxCommand, JournalEntry, RequestAnswer])
async def test_page_by_page_every_row_comes_once(
    store: Store, kind: type[VmRecord], *, newest_first: bool, limit: int
) -> None:
    numbers = (3, 1, 2, 6, 4, 5)
    uuids = {number: VmUuid(UUID(int=number)) for number in numbers}
    await written(
        store,
        inserted(*(record(uuid=uuid, name=f"{n}") for n, uuid in uuids.items())),
        inserted(*(stop(n, created_at=float(n // 2)) for n in numbers)),
        inserted(*(request_answer(key=f"{n}", created_at=float(n // 3)) for n in numbers)),
        Changes(
            sightings=tuple(
                sighting(uuid=uuid, host=host) for uuid in uuids.values() for host in (HOST, OTHER)
            ),
            entries=tuple(entry(what=f"{n}") for n in numbers),
        ),
    )
    whole = await store.find(kind, newest_first=newest_first)
    found: list[VmRecord] = []
    place: tuple[object, ...] = ()
    while page := await store.find(kind, limit=limit, newest_first=newest_first, after=place):
        found += page
        place = row_place(page[-1])
    assert found == list(whole)
    assert len(found) in (6, 12)


async def test_a_place_need_not_be_that_of_a_row(store: Store) -> None:
    await written(store, inserted(*(api_key(name=name) for name in "bdf")))

    async def names(after: str, *, newest_first: bool = False) -> list[str]:
        rows = await store.find(ApiKey, after=(after,), newest_first=newest_first)
        return [row.name for row in rows]

    assert await names("a") == ["b", "d", "f"]
    assert await names("d") == ["f"]
    assert await names("e") == ["f"]
    assert await names("e", newest_first=True) == ["d", "b"]
    assert await names("b", newest_first=True) == []
    assert await names("z") == []


async def test_a_place_and_values_go_together(store: Store) -> None:
    kinds = [EntryKind.ALERT, EntryKind.AUDIT, EntryKind.HELD] * 3
    await written(store, Changes(entries=tuple(entry(kind=kind) for kind in kinds)))
    wanted = frozenset({EntryKind.ALERT, EntryKind.HELD})
    rows = await store.find(JournalEntry, kind=wanted, after=(3,), limit=3)
    assert [(row.id, row.kind) for row in rows] == [
        (4, EntryKind.ALERT),
        (6, EntryKind.HELD),
        (7, EntryKind.ALERT),
    ]
    rows = await store.find(JournalEntry, kind=wanted, after=(6,), newest_first=True)
    assert [row.id for row in rows] == [4, 3, 1]


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (Sighting, (HOST,)),
        (ApiKey, ("a", "b")),
        (ApiKey, ("\ud800",)),
        (Fleet, (1,)),
    ],
)
async def test_what_is_no_place_is_a_mistake_of_the_caller(
    store: Store, kind: type[ApiKey], place: tuple[object, ...]
) -> None:
    with pytest.raises(ValueError, match="place among rows"):
        await store.find(kind, after=place)


async def test_one_of_several_values(store: Store) -> None:
    await written(
        store,
        inserted(
            record(protected=True),
            record(uuid=SECOND, name="b", host=None),
            record(uuid=THIRD, name="c", host=OTHER, removed_at=5.0),
        ),
    )

    async def found(**equal: Any) -> list[VmUuid]:
        return [row.uuid for row in await store.find(VmRecord, **equal)]

    assert await found(uuid=frozenset({VM, THIRD})) == [VM, THIRD]
    assert await found(host=frozenset({HOST, None})) == [VM, SECOND]
    assert await found(host=frozenset({HOST, OTHER}), removed_at=None) == [VM]
    assert await found(protected=frozenset({True, False})) == [VM, SECOND, THIRD]
    assert await found(name=frozenset({"b", "\ud800"})) == [SECOND]
    assert await found(name=frozenset({"\ud800"})) == []
    assert await found(name=frozenset()) == []
    assert await found(host=frozenset({HostId("nowhere")})) == []
