"""Reading: one row, rows that equal, and all that one pass over a host needs."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    api_key,
    cluster,
    entry,
    fleet,
    inserted,
    other_host,
    stop,
)
from tests.parts import CLUSTER, HOST, NAME, NOW, OTHER, VM, host, operation, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, HostId, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.operations import Operation
from vmuster.model.states import HostHealth, OperationKind, OperationState, Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio

FAR = HostId("far")


async def written(store: Store, *changes: Changes) -> None:
    """Write, or fail at once."""
    assert await store.commit(changes) == [""] * len(changes)


async def test_a_row_of_each_kind_is_found_by_its_key(store: Store) -> None:
    rows = (record(version=1), operation(OperationKind.STOP, version=1), stop(version=1))
    await written(store, inserted(*rows, api_key()))
    await written(store, Changes(sightings=(sighting(),), entries=(entry(),)))
    (line,) = await store.find(JournalEntry)
    assert await store.get(Fleet) is not None
    assert await store.get(Cluster, CLUSTER) == cluster(version=1)
    assert await store.get(Host, OTHER) == other_host(version=1)
    assert await store.get(VmRecord, VM) == rows[0]
    assert await store.get(Operation, rows[1].id) == rows[1]
    assert await store.get(OutboxCommand, rows[2].id) == rows[2]
    assert await store.get(Sighting, HOST, VM) == sighting()
    assert await store.get(JournalEntry, line.id) == entry(id=line.id)
    assert await store.get(ApiKey, "ci") == api_key(version=1)


async def test_what_is_not_there_is_none(store: Store) -> None:
    assert await store.get(Host, "nobody") is None
    assert await store.get(Sighting, HOST, VM) is None
    assert await store.get(JournalEntry, 1) is None
    assert await store.load_host(HostId("nobody"), [], [], 0.0) is None


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


async def test_load_host_gives_the_records_on_the_host_and_those_asked_for(store: Store) -> None:
    on_host = record()
    tomb = record(uuid=SECOND, removed_at=5.0)
    asked = record(uuid=THIRD, name="c", host=None)
    unasked = record(uuid=UUID(int=4), name="d", host=OTHER)
    await written(store, inserted(on_host, tomb, asked, unasked))
    rows = await store.load_host(HOST, [THIRD, VM, VmUuid(UUID(int=9))], [], 0.0)
    assert rows is not None
    assert (rows.fleet.id, rows.cluster.name, rows.host) == (
        fleet().id,
        CLUSTER,
        await store.get(Host, HOST),
    )
    assert [row.uuid for row in rows.records] == [VM, SECOND, THIRD]
    assert rows.here == rows.elsewhere == rows.named == rows.operations == ()
    assert (rows.orphans, rows.recent_stops) == (0, 0)


async def test_load_host_tells_sightings_here_from_those_elsewhere(store: Store) -> None:
    here = (sighting(), sighting(uuid=SECOND))
    elsewhere = (
        sighting(host=OTHER),
        sighting(host=OTHER, uuid=SECOND),
        sighting(host=OTHER, uuid=THIRD),
    )
    await written(store, inserted(record()), Changes(sightings=here + elsewhere))
    rows = await store.load_host(HOST, [SECOND], [], 0.0)
    assert rows is not None
    assert rows.here == here
    assert rows.elsewhere == elsewhere[:2]


async def test_load_host_gives_live_records_of_the_names_asked_for(store: Store) -> None:
    bearer = record(host=OTHER, version=1)
    tomb = record(uuid=SECOND, host=OTHER, removed_at=5.0)
    await written(store, inserted(bearer, tomb, record(uuid=THIRD, name="c", host=OTHER)))
    rows = await store.load_host(HOST, [], [NAME, NAME, "nobody"], 0.0)
    assert rows is not None
    assert rows.named == (bearer,)
    assert rows.records == ()


async def test_a_name_finds_the_live_record_to_whose_number_it_points(store: Store) -> None:
    numbered = record(uuid=SECOND, name="i-9-78-VM", host=None)
    buried = record(uuid=THIRD, name="r-78-VM", host=None, removed_at=1.0)
    await written(store, inserted(numbered, buried))
    rows = await store.load_host(HOST, [], ["i-2-78-VM", "r-78-VM"], 0.0)
    assert rows is not None
    assert rows.named == (replace(numbered, version=1),)


FOURTH = VmUuid(UUID(int=4))


async def test_load_host_gives_open_operations_of_host_and_vms(store: Store) -> None:
    def wish(number: int, **fields: object) -> Operation:
        return operation(OperationKind.STOP, id=OperationId(UUID(int=number)), version=1, **fields)

    of_host = wish(1, vm=UUID(int=50))
    of_vm_on_host = wish(2, host=OTHER)
    of_asked = wish(3, host=OTHER, vm=SECOND, state=OperationState.RUNNING)
    of_both = wish(4, vm=FOURTH)
    others = (
        wish(5, state=OperationState.DONE),
        wish(6, state=OperationState.FAILED),
        wish(7, host=OTHER, vm=THIRD),
    )
    mine = (of_host, of_vm_on_host, of_asked, of_both)
    records = (record(), record(uuid=FOURTH, name="d"))
    await written(store, inserted(*records), inserted(*mine, *others))
    rows = await store.load_host(HOST, [SECOND], [], 0.0)
    assert rows is not None
    assert rows.operations == mine


async def test_load_host_counts_the_orphans_of_its_cluster_alone(store: Store) -> None:
    away = cluster(name=ClusterName("away"), grant=None)
    far = other_host(id=FAR, name=FAR, cluster=away.name)
    orphans = [
        sighting(host=where, uuid=UUID(int=n), standing=Standing.ORPHAN)
        for where, n in ((HOST, 1), (OTHER, 1), (OTHER, 2), (FAR, 3))
    ]
    await written(store, inserted(away, far), Changes(sightings=(*orphans, sighting(uuid=THIRD))))
    for where, count in ((HOST, 3), (FAR, 1)):
        rows = await store.load_host(where, [], [], 0.0)
        assert rows is not None
        assert rows.orphans == count


async def test_load_host_counts_automatic_stops_from_a_moment_on(store: Store) -> None:
    await written(
        store,
        inserted(
            stop(1, created_at=NOW - 1),
            stop(2, created_at=NOW),
            stop(3, created_at=NOW + 1, answered_at=NOW + 2),
            stop(4, automatic=False),
            stop(5, host=OTHER),
        ),
    )
    rows = await store.load_host(HOST, [], [], NOW)
    assert rows is not None
    assert rows.recent_stops == 2


async def test_load_host_takes_thousands_of_uuids_and_names(store: Store) -> None:
    many = [VmUuid(UUID(int=n)) for n in range(1, 2501)]
    records = [record(uuid=u, name=str(u), host=None) for u in many[::5]]
    seen = [sighting(host=OTHER, uuid=u) for u in many[::5]]
    await written(store, inserted(*records), Changes(sightings=tuple(seen)))
    rows = await store.load_host(HOST, many, [str(uuid) for uuid in many], 0.0)
    assert rows is not None
    assert [row.uuid for row in rows.records] == many[::5]
    assert rows.named == rows.records
    assert rows.elsewhere == tuple(seen)


async def test_nothing_equals_text_that_no_database_holds(store: Store) -> None:
    await written(store, inserted(record()))
    assert await store.find(VmRecord, name="\ud800") == []
    assert await store.get(Host, "\udfff") is None
    assert await store.load_host(HostId("\ud800"), [], [], 0.0) is None
    rows = await store.load_host(OTHER, [], ["\ud800", NAME], 0.0)
    assert rows is not None
    assert len(rows.named) == 1


async def test_the_house_is_as_it_was_written(store: Store) -> None:
    assert await store.find(Host) == [
        replace(host(), version=1),
        other_host(version=1),
    ]
