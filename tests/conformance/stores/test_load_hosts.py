"""Many hosts read at once are what they are one by one; a part of one is a part of the whole."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conformance.stores.rows import SECOND, THIRD, held_plan, inserted
from tests.conformance.stores.test_agreement import CHANGES, HOUSE
from tests.effort import examples
from tests.loaded import strangers
from tests.parts import HOST, NOW, OTHER, VM, operation, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import OperationKind
from vmuster.ports.store import HostAsked, HostRows, Store
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite

VMS = st.sampled_from([VmUuid(UUID(int=n)) for n in range(1, 5)])
ASKED = st.lists(
    st.builds(
        HostAsked,
        host=st.sampled_from([HostId("home"), HostId("other"), HostId("nobody"), HostId("\ud800")]),
        vms=st.lists(VMS, max_size=3),
        names=st.dictionaries(VMS, st.sampled_from(["a", "b", "i-9-7-VM", "\ud800"]), max_size=3),
        whole=st.booleans(),
    ),
    max_size=4,
)


def part_of(rows: HostRows, vms: Sequence[VmUuid]) -> HostRows:
    """Of a whole host, what is about `vms`."""
    return replace(
        rows,
        records=tuple(row for row in rows.records if row.uuid in vms),
        here=tuple(row for row in rows.here if row.uuid in vms),
        elsewhere=tuple(row for row in rows.elsewhere if row.uuid in vms),
        operations=tuple(row for row in rows.operations if row.vm in vms),
    )


async def check(store: Store, asked: Sequence[HostAsked]) -> Sequence[HostRows | None]:
    """What is read at once is what is read one by one, and a part is a part of the whole."""
    at_once = list(await store.load_hosts(asked, NOW))
    one_by_one = [(await store.load_hosts([each], NOW))[0] for each in asked]
    assert at_once == one_by_one
    for each, rows in zip(asked, at_once, strict=True):
        if rows is not None and not each.whole:
            (whole,) = await store.load_hosts([replace(each, whole=True)], NOW)
            assert whole is not None
            assert rows == part_of(whole, list(each.vms))
    return at_once


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has its tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "vmuster.db"
    asyncio.run(open_sqlite(path).close())
    return path


@given(changes=st.lists(CHANGES, min_size=3, max_size=12), asked=ASKED)
@settings(max_examples=examples(40), deadline=None)
def test_at_once_is_one_by_one_and_a_part_is_of_the_whole(
    empty: Path, changes: list[Changes], asked: list[HostAsked]
) -> None:
    async def compare(path: Path) -> None:
        memory, sql = MemoryStore(), open_sqlite(path)
        for store in (memory, sql):
            await store.commit([HOUSE, *changes])
        assert await check(memory, asked) == await check(sql, asked)
        await sql.close()

    with TemporaryDirectory(dir=empty.parent) as folder:
        asyncio.run(compare(Path(shutil.copy(empty, folder))))


@pytest.mark.anyio
async def test_each_host_is_given_its_own(store: Store) -> None:
    mine, other = record(version=1), record(uuid=SECOND, name="b", host=OTHER, version=1)
    plan = held_plan(host=OTHER, version=1)
    wish = operation(OperationKind.STOP, vm=SECOND, host=OTHER, version=1)
    seen = (sighting(), sighting(host=OTHER, uuid=SECOND), sighting(host=OTHER))
    written = [inserted(mine, other, plan, wish), Changes(sightings=seen)]
    assert await store.commit(written) == ["", ""]
    by_name = HostAsked(host=OTHER, names=strangers("b"))
    asked = [by_name, HostAsked(host=HOST), HostAsked(host=OTHER)]
    there, here, again = await check(store, asked)
    assert there is not None
    assert here is not None
    assert (here.records, here.here, here.elsewhere) == ((mine,), seen[:1], seen[2:])
    assert (here.operations, here.named, here.hold) == ((), (), None)
    assert (there.records, there.here) == ((mine, other), (seen[2], seen[1]))
    assert (there.elsewhere, there.operations, there.hold) == ((), (wish,), plan)
    assert there.named == (other,)
    assert again == replace(there, named=())


@pytest.mark.anyio
async def test_of_a_host_that_is_not_asked_for_as_a_whole_the_rest_is_left_out(
    store: Store,
) -> None:
    records = [record(version=1), record(uuid=SECOND, name="b", version=1)]
    wishes = [
        operation(OperationKind.STOP, id=UUID(int=n), vm=vm, version=1)
        for n, vm in enumerate((VM, SECOND), 1)
    ]
    seen = [sighting(host=where, uuid=vm) for where in (HOST, OTHER) for vm in (VM, SECOND, THIRD)]
    written = [inserted(*records, *wishes), Changes(sightings=tuple(seen))]
    assert await store.commit(written) == ["", ""]
    (rows,) = await check(store, [HostAsked(host=HOST, vms=[SECOND, THIRD], whole=False)])
    assert rows is not None
    assert rows.records == (records[1],)
    assert rows.operations == (wishes[1],)
    assert rows.here == tuple(seen[1:3])
    assert rows.elsewhere == tuple(seen[4:6])


@pytest.mark.anyio
async def test_hundreds_of_hosts_are_asked_for_at_once(store: Store) -> None:
    asked = [HostAsked(host=HOST if n % 2 else HostId(str(n)), vms=[VM]) for n in range(1100)]
    found = await store.load_hosts(asked, NOW)
    assert [rows is not None for rows in found] == [n % 2 == 1 for n in range(1100)]
    assert list(await store.load_hosts([], NOW)) == []
