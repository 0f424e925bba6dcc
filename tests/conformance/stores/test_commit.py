"""Writing: guards, versions, all or nothing, the journal's ids."""

import asyncio
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    api_key,
    changed,
    cluster,
    dropped,
    entry,
    fleet,
    inserted,
    stop,
)
from tests.loaded import load_host
from tests.parts import (
    CLUSTER,
    HOST,
    NAME,
    NOW,
    OTHER,
    VM,
    host,
    operation,
    record,
    sighting,
)
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.states import OperationKind, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio


async def test_an_inserted_row_gets_version_1_whatever_it_says(store: Store) -> None:
    assert await store.commit([inserted(record(version=41))]) == [""]
    assert await store.get(VmRecord, VM) == record(version=1)


async def test_every_write_raises_the_version_by_one(store: Store) -> None:
    await store.commit([inserted(record())])
    first = record(version=1)
    assert await store.commit([changed(first, replace(first, label="b", version=99))]) == [""]
    assert await store.get(VmRecord, VM) == record(label="b", version=2)


async def test_a_row_that_changed_since_is_not_overwritten(store: Store) -> None:
    await store.commit([inserted(record())])
    first = record(version=1)
    await store.commit([changed(first, replace(first, label="winner"))])
    reasons = await store.commit([changed(first, replace(first, label="loser"))])
    assert reasons == [f"vm {VM}: version 1 is no longer current"]
    assert await store.get(VmRecord, VM) == record(label="winner", version=2)


async def test_a_row_that_is_not_there_is_not_updated_or_dropped(store: Store) -> None:
    there = record(version=1)
    assert (
        await store.commit([changed(there, there), dropped(there)])
        == [f"vm {VM}: version 1 is no longer current"] * 2
    )
    assert await store.get(VmRecord, VM) is None


async def test_a_dropped_row_is_gone(store: Store) -> None:
    await store.commit([inserted(record())])
    assert await store.commit([dropped(record(version=2)), dropped(record(version=1))]) == [
        f"vm {VM}: version 2 is no longer current",
        "",
    ]
    assert await store.get(VmRecord, VM) is None


@pytest.mark.parametrize(
    "row",
    [fleet(), cluster(), host(), record(), operation(OperationKind.STOP), stop(), api_key()],
    ids=lambda row: type(row).__name__,
)
async def test_nothing_is_inserted_twice(store: Store, row: Guarded) -> None:
    await store.commit([inserted(row)])
    (reason,) = await store.commit([inserted(row)])
    assert "already" in reason or "taken" in reason


async def test_there_is_one_fleet(store: Store) -> None:
    second = replace(fleet(), id=UUID(int=99))
    assert await store.commit([inserted(second)]) == ["fleet is there already"]
    assert await store.get(Fleet) == replace(fleet(), version=1)


async def test_one_bad_set_among_many_leaves_the_others(store: Store) -> None:
    good = [inserted(record(uuid=UUID(int=n), name=f"i-2-{n}-VM")) for n in range(10, 16)]
    bad = Changes(
        writes=(
            Write(before=None, after=record(uuid=SECOND, name="half")),
            Write(before=record(version=7), after=record()),
        ),
        sightings=(sighting(uuid=SECOND),),
        entries=(entry(what="half"),),
    )
    reasons = await store.commit([*good[:3], bad, *good[3:]])
    assert reasons == ["", "", "", f"vm {VM}: version 7 is no longer current", "", "", ""]
    assert len(await store.find(VmRecord)) == 6
    assert await store.get(VmRecord, SECOND) is None
    assert await store.find(Sighting) == []
    assert await store.find(JournalEntry) == []


async def test_a_row_that_many_sets_write_in_turn_is_as_the_last_of_them_leaves_it(
    store: Store,
) -> None:
    def turn(version: int) -> Changes:
        before = cluster(version=version)
        made = record(uuid=UUID(int=version), name=f"i-2-{version}-VM")
        return Changes(
            writes=(
                Write(before=before, after=replace(before, created_at=float(version))),
                Write(before=None, after=made),
            )
        )

    twice = Changes(writes=turn(3).writes[:1] + turn(2).writes[1:])
    assert await store.commit([turn(1), turn(2), turn(3)]) == ["", "", ""]
    assert await store.get(Cluster, CLUSTER) == cluster(version=4, created_at=3.0)
    refused = await store.commit([turn(4), turn(6), twice, turn(5)])
    assert refused[0] == refused[3] == ""
    assert refused[1] == f"cluster {CLUSTER}: version 6 is no longer current"
    assert refused[2] == f"cluster {CLUSTER}: version 3 is no longer current"
    assert await store.get(Cluster, CLUSTER) == cluster(version=6, created_at=5.0)
    assert {row.uuid.int for row in await store.find(VmRecord)} == {1, 2, 3, 4, 5}


async def test_a_set_sees_its_own_writes_in_their_order(store: Store) -> None:
    first, second = record(version=1), record(label="x", version=2)
    writes = (
        Write(before=None, after=first),
        Write(before=first, after=second),
        Write(before=second, after=record(phase=VmPhase.STOPPED)),
    )
    assert await store.commit([Changes(writes=writes)]) == [""]
    assert await store.get(VmRecord, VM) == record(phase=VmPhase.STOPPED, version=3)


async def test_of_a_run_of_rows_the_stale_one_is_named(store: Store) -> None:
    rows = [record(uuid=UUID(int=n), name=f"i-2-{n}-VM", version=1) for n in range(1, 6)]
    await store.commit([inserted(*rows)])
    await store.commit([changed(rows[3], rows[3])])
    many = Changes(writes=tuple(Write(before=row, after=replace(row, label="x")) for row in rows))
    assert await store.commit([many]) == [f"vm {rows[3].uuid}: version 1 is no longer current"]
    assert {row.label for row in await store.find(VmRecord)} == {NAME}


async def test_a_sighting_overwrites_the_one_before_of_its_host_and_uuid(store: Store) -> None:
    seen = Changes(sightings=(sighting(), sighting(host=OTHER), sighting(uuid=SECOND)))
    again = Changes(sightings=(sighting(why="anew", raw_mark=None),))
    assert await store.commit([seen, again]) == ["", ""]
    assert await store.find(Sighting) == [
        sighting(why="anew", raw_mark=None),
        sighting(uuid=SECOND),
        sighting(host=OTHER),
    ]


async def test_sightings_that_are_gone_are_dropped(store: Store) -> None:
    await store.commit([Changes(sightings=(sighting(), sighting(host=OTHER)))])
    assert await store.commit([Changes(gone=((HOST, VM), (HOST, THIRD)))]) == [""]
    assert await store.find(Sighting) == [sighting(host=OTHER)]


async def test_journal_ids_rise_and_are_given_by_the_store(store: Store) -> None:
    await store.commit([Changes(entries=(entry(id=9, what="a"), entry(what="b")))])
    await store.commit([Changes(entries=(entry(what="c"),))])
    lines = await store.find(JournalEntry)
    assert [line.what for line in lines] == ["a", "b", "c"]
    assert [line.id for line in lines] == sorted({line.id for line in lines})


async def test_of_20_writers_that_read_the_same_row_one_wins(store: Store) -> None:
    await store.commit([inserted(api_key())])
    before = api_key(version=1)
    sets = [changed(before, replace(before, digest=f"{n:064x}")) for n in range(1, 21)]
    answers = await asyncio.gather(*(store.commit([each]) for each in sets))
    won = [n for n, (reason,) in enumerate(answers, 1) if reason == ""]
    assert len(won) == 1
    assert await store.get(ApiKey, "ci") == replace(before, digest=f"{won[0]:064x}", version=2)


@pytest.mark.parametrize(
    "write",
    [
        Write(before=None, after=None),
        Write(before=record(), after=record(uuid=SECOND)),
        Write(before=record(), after=api_key()),
    ],
)
async def test_a_write_that_makes_no_sense_is_a_mistake_of_the_caller(
    store: Store, write: Write
) -> None:
    with pytest.raises(ValueError, match="row"):
        await store.commit([inserted(api_key()), Changes(writes=(write,))])
    assert await store.find(ApiKey) == []


async def test_a_row_that_stays_as_it_is_still_gets_a_new_version(store: Store) -> None:
    before = await store.get(Fleet)
    assert before is not None
    assert await store.commit([changed(before, before)]) == [""]
    assert await store.get(Fleet) == replace(before, version=2)
    assert await store.commit([changed(before, before)]) == [
        "fleet: version 1 is no longer current"
    ]


async def spend(store: Store, number: int, budget: int) -> bool:
    """Put one automatic stop into the outbox, as a pass does, unless the budget is spent."""
    while True:
        rows = await load_host(store, HOST, [], [], NOW)
        assert rows is not None
        if rows.spent.fleet_stops >= budget:
            return False
        lock = Write(before=rows.fleet, after=rows.fleet)
        act = Write(before=None, after=stop(number, host=OTHER if number % 2 else HOST))
        if await store.commit([Changes(writes=(lock, act))]) == [""]:
            return True


async def test_passes_at_the_same_moment_never_spend_more_than_there_is(store: Store) -> None:
    first = await load_host(store, HOST, [], [], NOW)
    assert first is not None
    lock = Write(before=first.fleet, after=first.fleet)
    both = [Changes(writes=(lock, Write(before=None, after=stop(n)))) for n in (1, 2)]
    answers = await asyncio.gather(*(store.commit([each]) for each in both))
    assert sorted(answers) == [[""], ["fleet: version 1 is no longer current"]]
    spent = await asyncio.gather(*(spend(store, number, budget=4) for number in range(3, 13)))
    assert spent.count(True) == 3
    assert len(await store.find(OutboxCommand)) == 4
