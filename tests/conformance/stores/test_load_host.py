"""All that one pass over a host needs, read at one moment."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    cluster,
    fleet,
    held_plan,
    inserted,
    marking,
    other_host,
    start,
    stop,
)
from tests.loaded import load_host
from tests.parts import CLUSTER, HOST, NAME, NOW, OTHER, VM, operation, record, sighting
from vmuster.model.automation import Spent
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId, OperationId, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState, Standing
from vmuster.ports.store import SPENT_SECONDS_MAX, HostAsked, Store

pytestmark = pytest.mark.anyio


FAR = HostId("far")

FOURTH = VmUuid(UUID(int=4))


async def written(store: Store, *changes: Changes) -> None:
    """Write, or fail at once."""
    assert await store.commit(changes) == [""] * len(changes)


async def test_load_host_gives_the_records_on_the_host_and_those_asked_for(store: Store) -> None:
    on_host = record()
    tomb = record(uuid=SECOND, removed_at=5.0)
    asked = record(uuid=THIRD, name="c", host=None)
    unasked = record(uuid=UUID(int=4), name="d", host=OTHER)
    await written(store, inserted(on_host, tomb, asked, unasked))
    rows = await load_host(store, HOST, [THIRD, VM, VmUuid(UUID(int=9))], [], 0.0)
    assert rows is not None
    assert (rows.fleet.id, rows.cluster.name, rows.host) == (
        fleet().id,
        CLUSTER,
        await store.get(Host, HOST),
    )
    assert [row.uuid for row in rows.records] == [VM, SECOND, THIRD]
    assert rows.here == rows.elsewhere == rows.named == rows.operations == ()
    assert (rows.orphans, rows.spent, rows.hold) == (0, Spent(), None)


async def test_load_host_tells_sightings_here_from_those_elsewhere(store: Store) -> None:
    here = (sighting(), sighting(uuid=SECOND))
    elsewhere = (
        sighting(host=OTHER),
        sighting(host=OTHER, uuid=SECOND),
        sighting(host=OTHER, uuid=THIRD),
    )
    await written(store, inserted(record()), Changes(sightings=here + elsewhere))
    rows = await load_host(store, HOST, [SECOND], [], 0.0)
    assert rows is not None
    assert rows.here == here
    assert rows.elsewhere == elsewhere[:2]


async def test_load_host_gives_live_records_of_the_names_asked_for(store: Store) -> None:
    bearer = record(host=OTHER, version=1)
    tomb = record(uuid=SECOND, host=OTHER, removed_at=5.0)
    await written(store, inserted(bearer, tomb, record(uuid=THIRD, name="c", host=OTHER)))
    rows = await load_host(store, HOST, [], [NAME, NAME, "nobody"], 0.0)
    assert rows is not None
    assert rows.named == (bearer,)
    assert rows.records == ()


async def test_the_name_of_a_vm_that_has_a_record_is_not_looked_for(store: Store) -> None:
    bearer, tomb = record(uuid=SECOND, name="b", version=1), record(removed_at=5.0, version=1)
    await written(store, inserted(bearer, tomb))
    for vm, named in ((VM, ()), (THIRD, (bearer,))):
        (rows,) = await store.load_hosts([HostAsked(host=OTHER, names={vm: "b"})], 0.0)
        assert rows is not None
        assert (rows.named, rows.records) == (named, ())


async def test_a_name_finds_the_live_record_to_whose_number_it_points(store: Store) -> None:
    numbered = record(uuid=SECOND, name="i-9-78-VM", host=None)
    buried = record(uuid=THIRD, name="r-78-VM", host=None, removed_at=1.0)
    await written(store, inserted(numbered, buried))
    rows = await load_host(store, HOST, [], ["i-2-78-VM", "r-78-VM"], 0.0)
    assert rows is not None
    assert rows.named == (replace(numbered, version=1),)


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
    rows = await load_host(store, HOST, [SECOND], [], 0.0)
    assert rows is not None
    assert rows.operations == mine


async def test_load_host_counts_the_orphans_of_its_cluster_alone(store: Store) -> None:
    away = cluster(name=ClusterName("away"), grant=None)
    far = other_host(id=FAR, name=FAR, cluster=away.name)
    orphans = [
        sighting(host=where, uuid=UUID(int=n), standing=Standing.ORPHAN)
        for where, n in ((HOST, 1), (OTHER, 1), (OTHER, 2), (FAR, 3))
    ]
    gone = sighting(uuid=UUID(int=9), standing=Standing.ORPHAN, absent=True)
    await written(
        store, inserted(away, far), Changes(sightings=(*orphans, sighting(uuid=THIRD), gone))
    )
    for where, count in ((HOST, 3), (FAR, 1)):
        rows = await load_host(store, where, [], [], 0.0)
        assert rows is not None
        assert rows.orphans == count


async def test_load_host_counts_automatic_acts_from_a_moment_on(store: Store) -> None:
    away = cluster(name=ClusterName("away"), grant=None)
    await written(
        store,
        inserted(away, other_host(id=FAR, name=FAR, cluster=away.name)),
        inserted(
            stop(1, created_at=NOW - 1),
            stop(2, created_at=NOW),
            stop(3, created_at=NOW + 1, answered_at=NOW + 2),
            stop(4, automatic=False),
            *(stop(n, host=OTHER) for n in (5, 6, 7)),
            stop(8, host=FAR),
            stop(9, host=HostId("long gone")),
            start(10, created_at=NOW - 1),
            start(11),
            start(12, host=FAR),
            marking(13),
            # At this moment, in another pass; and by a clock that was set back by a day since.
            start(14, created_at=NOW + SPENT_SECONDS_MAX),
            start(15, created_at=NOW + SPENT_SECONDS_MAX + 1),
        ),
    )
    spent = {where: await spent_on(store, where) for where in (HOST, FAR)}
    fleet_wide = {"fleet_stops": 7, "fleet_starts": 3}
    assert spent[HOST] == Spent(
        host_stops=2, host_starts=2, cluster_stops=5, cluster_starts=2, **fleet_wide
    )
    assert spent[FAR] == Spent(
        host_stops=1, host_starts=1, cluster_stops=1, cluster_starts=1, **fleet_wide
    )


async def spent_on(store: Store, where: HostId) -> Spent:
    rows = await load_host(store, where, [], [], NOW)
    assert rows is not None
    return rows.spent


async def test_load_host_gives_the_held_plan_of_its_host_alone(store: Store) -> None:
    plan = held_plan(version=1)
    await written(store, inserted(plan, held_plan(host=OTHER, why="another")))
    rows = await load_host(store, HOST, [], [], NOW)
    assert rows is not None
    assert rows.hold == plan


async def test_load_host_takes_thousands_of_uuids_and_names(store: Store) -> None:
    many = [VmUuid(UUID(int=n)) for n in range(1, 2501)]
    records = [record(uuid=u, name=str(u), host=None) for u in many[::5]]
    seen = [sighting(host=OTHER, uuid=u) for u in many[::5]]
    await written(store, inserted(*records), Changes(sightings=tuple(seen)))
    rows = await load_host(store, HOST, many, [str(uuid) for uuid in many], 0.0)
    assert rows is not None
    assert [row.uuid for row in rows.records] == many[::5]
    assert rows.named == rows.records
    assert rows.elsewhere == tuple(seen)


async def test_load_host_gives_the_records_of_what_was_seen_there(store: Store) -> None:
    away = record(uuid=SECOND, name="b", host=OTHER)
    unseen = record(uuid=THIRD, name="c", host=OTHER)
    await written(store, inserted(away, unseen))
    shown = Changes(sightings=(sighting(uuid=SECOND), sighting(uuid=THIRD, host=OTHER)))
    await written(store, shown)
    rows = await load_host(store, HOST, [], [], 0.0)
    assert rows is not None
    assert [row.uuid for row in rows.records] == [SECOND]
