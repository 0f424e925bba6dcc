"""Reading: one row by its key, and rows that equal."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    api_key,
    cluster,
    credential,
    entry,
    held_plan,
    inserted,
    other_host,
    request_answer,
    settled,
    stop,
    webhook,
)
from tests.loaded import load_host
from tests.parts import CLUSTER, HOST, NAME, OTHER, VM, host, operation, record, sighting
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.settled import Settled
from vmuster.model.states import HostHealth, OperationKind
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio


async def written(store: Store, *changes: Changes) -> None:
    """Write, or fail at once."""
    assert await store.commit(changes) == [""] * len(changes)


async def test_a_row_of_each_kind_is_found_by_its_key(store: Store) -> None:
    rows = (record(version=1), operation(OperationKind.STOP, version=1), stop(version=1))
    await written(store, inserted(*rows, api_key(), held_plan(), credential()))
    await written(store, inserted(webhook(), request_answer(), settled()))
    await written(store, Changes(sightings=(sighting(),), entries=(entry(),)))
    (line,) = await store.find(JournalEntry)
    assert await store.get(Fleet) is not None
    assert await store.get(Cluster, CLUSTER) == cluster(version=1)
    assert await store.get(Host, OTHER) == other_host(version=1)
    assert await store.get(VmRecord, VM) == rows[0]
    assert await store.get(Operation, rows[1].id) == rows[1]
    assert await store.get(OutboxCommand, rows[2].id) == rows[2]
    assert await store.get(Sighting, HOST, VM) == sighting()
    assert await store.get(JournalEntry, line.id) == entry(id=line.id, chain=line.chain)
    assert await store.get(ApiKey, "ci") == api_key(version=1)
    assert await store.get(HeldPlan, HOST) == held_plan(version=1)
    assert await store.get(Credential, "root") == credential(version=1)
    assert await store.get(Webhook, "pager") == webhook(version=1)
    assert await store.get(RequestAnswer, "ann", "k") == request_answer(version=1)
    assert await store.get(Settled, HOST) == settled(version=1)


async def test_what_is_not_there_is_none(store: Store) -> None:
    assert await store.get(Host, "nobody") is None
    assert await store.get(Sighting, HOST, VM) is None
    assert await store.get(JournalEntry, 1) is None
    assert await load_host(store, HostId("nobody"), [], [], 0.0) is None


async def test_a_key_has_all_its_parts(store: Store) -> None:
    with pytest.raises(ValueError, match="2 parts"):
        await store.get(Sighting, HOST)


async def test_find_asks_for_equal_fields_of_every_sort(store: Store) -> None:
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

    assert await found() == [VM, SECOND, THIRD]
    assert await found(uuid=SECOND) == [SECOND]
    assert await found(host=None) == [SECOND]
    assert await found(protected=True) == [VM]
    assert await found(removed_at=None, host=HOST) == [VM]
    assert await found(removed_at=5.0) == [THIRD]
    assert await found(name="nobody") == []
    assert len(await store.find(Host, health=HostHealth.SUSPECT)) == 2
    assert await store.find(Host, health=HostHealth.UP) == []


@pytest.mark.parametrize(("kind", "field"), [(Cluster, "policy"), (Host, "nothing")])
async def test_find_refuses_what_is_no_column_of_its_own(
    store: Store, kind: type[Host], field: str
) -> None:
    asked: dict[str, Any] = {field: 1}
    with pytest.raises(ValueError, match=field):
        await store.find(kind, **asked)


async def test_find_gives_rows_in_key_order_bounded_and_turned_round(store: Store) -> None:
    uuids = [VmUuid(UUID(int=n)) for n in (1 << 127, 5, 255, 16)]
    await written(store, inserted(*(record(uuid=u, name=str(u)) for u in uuids)))

    async def order(limit: int, *, newest_first: bool) -> list[VmUuid]:
        rows = await store.find(VmRecord, limit=limit, newest_first=newest_first)
        return [row.uuid for row in rows]

    assert await order(9, newest_first=False) == sorted(uuids)
    assert await order(2, newest_first=False) == sorted(uuids)[:2]
    assert await order(3, newest_first=True) == sorted(uuids, reverse=True)[:3]
    assert await order(0, newest_first=False) == []


async def test_text_keys_are_ordered_by_code_point(store: Store) -> None:
    names = ["z", "a", "B", "é", "\U0001f600", "\uffff", ""]
    await written(store, inserted(*(api_key(name=name) for name in names)))
    assert [key.name for key in await store.find(ApiKey)] == sorted(names)


async def test_operations_and_commands_come_in_the_order_of_their_making(store: Store) -> None:
    times = {1: 30.0, 2: 10.0, 3: 20.0}
    await written(
        store,
        inserted(*(stop(n, created_at=at) for n, at in times.items())),
        inserted(
            *(
                operation(
                    OperationKind.STOP, id=OperationId(UUID(int=n)), vm=UUID(int=n), created_at=at
                )
                for n, at in times.items()
            )
        ),
    )
    assert [row.id.int for row in await store.find(OutboxCommand)] == [2, 3, 1]
    assert [row.id.int for row in await store.find(Operation)] == [2, 3, 1]
    newest = await store.find(Operation, newest_first=True, limit=2)
    assert [row.id.int for row in newest] == [1, 3]


async def test_the_journal_is_read_by_vm_newest_first(store: Store) -> None:
    lines = [entry(what=str(n), vm=VM if n % 2 else SECOND) for n in range(10)]
    await written(store, Changes(entries=tuple(lines)))
    found = await store.find(JournalEntry, vm=VM, newest_first=True, limit=3)
    assert [line.what for line in found] == ["9", "7", "5"]
    assert await store.find(JournalEntry, kind=EntryKind.ALERT) == []


async def test_nothing_equals_text_that_no_database_holds(store: Store) -> None:
    await written(store, inserted(record()))
    assert await store.find(VmRecord, name="\ud800") == []
    assert await store.get(Host, "\udfff") is None
    assert await load_host(store, HostId("\ud800"), [], [], 0.0) is None
    rows = await load_host(store, OTHER, [], ["\ud800", NAME], 0.0)
    assert rows is not None
    assert len(rows.named) == 1


async def test_the_house_is_as_it_was_written(store: Store) -> None:
    assert await store.find(Host) == [
        replace(host(), version=1),
        other_host(version=1),
    ]
