"""VMs as lines of a list: which there are, in which order, from which place on."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import pytest

from tests.conformance.stores.rows import cluster, dropped, inserted, other_host
from tests.parts import CLUSTER, HOST, OTHER, VM, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.states import DesiredState, PowerState, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Place, Store, VmQuery, VmRow

pytestmark = pytest.mark.anyio

FAR: Final = HostId("far")
SPARE: Final = ClusterName("spare")


def vm(number: int) -> VmUuid:
    return VmUuid(UUID(int=number))


@pytest.fixture
async def estate(store: Store) -> Store:
    """Strangers, VMs of ours at home, away, absent, unseen and nowhere, and a tombstone."""
    rows = (
        cluster(name=SPARE),
        other_host(id=FAR, name=FAR, cluster=SPARE),
        record(uuid=vm(1), name="b"),
        record(uuid=vm(2), name="ours-2", desired=DesiredState.STOPPED),
        record(uuid=vm(3), name="moved", host=OTHER, phase=VmPhase.STARTING),
        record(uuid=vm(4), name="absent", phase=VmPhase.MISSING),
        record(uuid=vm(5), name="nowhere", host=None, power=PowerState.UNKNOWN),
        record(uuid=vm(6), name="c", cluster=SPARE, host=FAR, phase=VmPhase.MISSING),
        record(uuid=vm(7), name="gone", removed_at=5.0),
    )
    seen = (
        sighting(uuid=vm(1), name="b"),
        sighting(uuid=vm(2), name="Windows 7"),
        sighting(uuid=vm(3), name="moved", standing=Standing.MOVED),
        sighting(uuid=vm(4), name="absent", absent=True),
        sighting(uuid=vm(7), name="gone", standing=Standing.GHOST),
        sighting(uuid=vm(8), name="b", host=OTHER, standing=Standing.ALIEN),
        sighting(uuid=vm(9), name="z", host=FAR, standing=Standing.ALIEN, power=PowerState.STOPPED),
    )
    assert await store.commit([inserted(*rows), Changes(sightings=seen)]) == ["", ""]
    return store


def shown(rows: Sequence[VmRow]) -> list[tuple[str, int, str | None]]:
    """The places, with numbers in the place of uuids."""
    return [(name, uuid.int, host) for name, uuid, host in (row.place for row in rows)]


ALL: Final = [
    ("Windows 7", 2, HOST),
    ("absent", 4, HOST),
    ("b", 1, HOST),
    ("b", 8, OTHER),
    ("c", 6, FAR),
    ("gone", 7, HOST),
    ("moved", 3, HOST),
    ("moved", 3, OTHER),
    ("nowhere", 5, None),
    ("z", 9, FAR),
]


async def test_all_are_there_once_in_the_order_of_their_places(estate: Store) -> None:
    assert shown(await estate.vms(VmQuery())) == ALL


async def test_a_line_holds_what_was_seen_and_the_live_record(estate: Store) -> None:
    rows = {(row.place[1].int, row.place[2]): row for row in await estate.vms(VmQuery())}
    ours, alone = rows[2, HOST], rows[4, HOST]
    assert ours.sighting == sighting(uuid=vm(2), name="Windows 7")
    assert ours.record == record(uuid=vm(2), name="ours-2", desired=DesiredState.STOPPED, version=1)
    assert alone.sighting is None
    assert alone.record is not None
    assert (alone.record.name, alone.record.phase) == ("absent", VmPhase.MISSING)
    assert rows[8, OTHER].record is None
    assert rows[7, HOST].record is None
    for host in (HOST, OTHER):
        there = rows[3, host]
        assert there.record is not None
        assert there.record.name == "moved"
        assert (there.sighting is None) == (host == OTHER)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"uuid": vm(3)}, [("moved", 3, HOST), ("moved", 3, OTHER)]),
        ({"uuid": vm(70)}, []),
        ({"host": OTHER}, [("b", 8, OTHER), ("moved", 3, OTHER)]),
        ({"host": "nobody"}, []),
        ({"cluster": SPARE}, [("c", 6, FAR), ("z", 9, FAR)]),
        ({"cluster": CLUSTER, "power": PowerState.UNKNOWN}, [("nowhere", 5, None)]),
        ({"name": "b"}, [("b", 1, HOST), ("b", 8, OTHER)]),
        ({"name": "ours-2"}, [("Windows 7", 2, HOST)]),
        ({"name": "Windows 7"}, [("Windows 7", 2, HOST)]),
        ({"name": "nowhere"}, [("nowhere", 5, None)]),
        ({"name": "B"}, []),
        ({"name": "\ud800"}, []),
        ({"standing": Standing.ALIEN}, [("b", 8, OTHER), ("z", 9, FAR)]),
        ({"standing": Standing.ALIEN, "host": FAR}, [("z", 9, FAR)]),
        ({"standing": Standing.MOVED}, [("moved", 3, HOST)]),
        ({"power": PowerState.STOPPED}, [("z", 9, FAR)]),
        ({"desired": DesiredState.STOPPED}, [("ours-2", 2, HOST)]),
        ({"desired": DesiredState.STOPPED, "name": "Windows 7"}, [("ours-2", 2, HOST)]),
        ({"desired": DesiredState.STOPPED, "name": "ours-2"}, [("ours-2", 2, HOST)]),
        ({"desired": DesiredState.STOPPED, "name": "b"}, []),
        ({"desired": DesiredState.STOPPED, "cluster": CLUSTER}, [("ours-2", 2, HOST)]),
        ({"desired": DesiredState.STOPPED, "cluster": SPARE}, []),
        ({"desired": DesiredState.RUNNING, "power": PowerState.UNKNOWN}, [("nowhere", 5, None)]),
        ({"phase": VmPhase.MISSING}, [("absent", 4, HOST), ("c", 6, FAR)]),
        ({"phase": VmPhase.MISSING, "host": FAR}, [("c", 6, FAR)]),
        ({"phase": VmPhase.STARTING}, [("moved", 3, OTHER)]),
        ({"phase": VmPhase.MISSING, "standing": Standing.OWNED}, []),
        (
            {"phase": VmPhase.RUNNING, "standing": Standing.OWNED},
            [("b", 1, HOST), ("ours-2", 2, HOST)],
        ),
        ({"phase": VmPhase.MISSING, "cluster": SPARE}, [("c", 6, FAR)]),
    ],
)
async def test_what_is_asked_for_has_to_fit(
    estate: Store, asked: dict[str, Any], expected: list[tuple[str, int, str | None]]
) -> None:
    assert shown(await estate.vms(VmQuery(**asked))) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("asked", [{}, {"host": HOST}, {"name": "b"}, {"phase": VmPhase.RUNNING}])
async def test_page_by_page_nothing_is_left_out_or_told_twice(
    estate: Store, asked: dict[str, Any], limit: int
) -> None:
    query = VmQuery(**asked)
    whole = await estate.vms(query)
    found: list[VmRow] = []
    while page := await estate.vms(query, after=found[-1].place if found else None, limit=limit):
        assert len(page) <= limit
        found += page
    assert found == list(whole)


async def test_a_place_that_nothing_has_is_a_place_all_the_same(estate: Store) -> None:
    places: list[Place] = [
        ("", vm(0), None),
        ("b", vm(1), None),
        ("b", vm(1), HostId("zzz")),
        ("b", vm(5), None),
        ("c", vm(6), FAR),
        ("nowhere", vm(5), None),
        ("~", vm(0), None),
    ]
    left = [len(await estate.vms(VmQuery(), after=place)) for place in places]
    assert left == [10, 8, 7, 7, 5, 1, 0]


async def test_no_page_has_more_than_is_asked_for(estate: Store) -> None:
    assert await estate.vms(VmQuery(), limit=0) == []
    assert shown(await estate.vms(VmQuery(), limit=3)) == ALL[:3]


async def test_a_place_is_text(estate: Store) -> None:
    with pytest.raises(ValueError, match="place"):
        await estate.vms(VmQuery(), after=("\ud800", VM, None))


async def test_names_are_ordered_by_code_point(store: Store) -> None:
    names = ["z", "a", "B", "é", "\U0001f600", "\uffff", ""]
    seen = tuple(sighting(uuid=vm(n), name=name) for n, name in enumerate(names, 1))
    assert await store.commit([Changes(sightings=seen)]) == [""]
    rows = await store.vms(VmQuery())
    assert [row.place[0] for row in rows] == sorted(names)
    for before, after in pairwise(rows):
        assert (await store.vms(VmQuery(), after=before.place, limit=1)) == [after]


async def test_unseen_records_are_counted_by_phase(estate: Store) -> None:
    assert await estate.unseen() == {
        VmPhase.MISSING: 2,
        VmPhase.RUNNING: 1,
        VmPhase.STARTING: 1,
    }
    (row,) = await estate.vms(VmQuery(name="nowhere"))
    assert row.record is not None
    assert await estate.commit([dropped(row.record)]) == [""]
    assert await estate.unseen() == {VmPhase.MISSING: 2, VmPhase.STARTING: 1}


async def test_rows_are_counted_by_the_values_of_a_field(estate: Store) -> None:
    assert await estate.count(Sighting, by="standing", absent=False) == {
        Standing.OWNED: 2,
        Standing.MOVED: 1,
        Standing.GHOST: 1,
        Standing.ALIEN: 2,
    }
    by_host = await estate.count(VmRecord, by="host", removed_at=None)
    assert by_host == {HOST: 3, OTHER: 1, FAR: 1, None: 1}
    by_uuid = await estate.count(VmRecord, by="uuid", host=frozenset({FAR, None}))
    assert by_uuid == {vm(5): 1, vm(6): 1}
    assert await estate.count(VmRecord, by="protected") == {False: 7}
    assert await estate.count(VmRecord, by="phase", name="\ud800") == {}
    with pytest.raises(ValueError, match="raw_mark"):
        await estate.count(Sighting, by="raw_mark")
