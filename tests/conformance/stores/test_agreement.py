"""The stores agree: the same commits get the same answers and leave the same rows."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    api_key,
    cluster,
    credential,
    entry,
    fleet,
    held_plan,
    marking,
    other_host,
    request_answer,
    start,
    stop,
    webhook,
)
from tests.effort import examples
from tests.loaded import load_host
from tests.parts import NOW, operation, record, sighting
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostRows, Store, VmQuery
from vmuster.stores.kinds import KINDS
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite

UUIDS = st.sampled_from([UUID(int=n) for n in (1, 2, 3)])
NAMES = st.sampled_from(["a", "i-2-7-VM", "i-3-7-VM", "\ud800"]) | st.sampled_from(["a", "b"])
HOSTS = st.sampled_from([HostId("home"), HostId("other")])
CLUSTERS = st.sampled_from(["cluster", "second"])
MAYBE_TIME = st.sampled_from([None, None, 5.0])

ROWS: Sequence[st.SearchStrategy[Guarded]] = (
    st.builds(fleet),
    st.builds(cluster, name=CLUSTERS),
    st.builds(
        other_host,
        id=HOSTS,
        name=NAMES,
        cluster=CLUSTERS,
        uuid=st.sampled_from([None, UUID(int=9)]),
    ),
    st.builds(record, uuid=UUIDS, name=NAMES, host=st.none() | HOSTS, removed_at=MAYBE_TIME),
    st.builds(
        operation,
        st.just(OperationKind.STOP),
        id=UUIDS,
        vm=UUIDS,
        host=HOSTS,
        idempotency_key=st.sampled_from(["", "k"]),
        state=st.sampled_from(OperationState),
    ),
    *(
        st.builds(
            act,
            st.integers(1, 3),
            automatic=st.booleans(),
            host=HOSTS,
            created_at=st.sampled_from([NOW - 1, NOW]),
            answered_at=MAYBE_TIME,
        )
        for act in (stop, start, marking)
    ),
    st.builds(api_key, name=NAMES),
    st.builds(held_plan, host=HOSTS | st.just("nowhere"), why=NAMES),
    st.builds(credential, name=NAMES),
    st.builds(webhook, name=NAMES),
    st.builds(request_answer, actor=NAMES, created_at=st.sampled_from([1.0, 2.0])),
)


@st.composite
def writes(draw: st.DrawFn) -> Write:
    """An insertion, or an update or deletion whose version may be the current one."""
    row = draw(st.one_of(ROWS))
    before = replace(row, version=draw(st.integers(1, 3)))
    match draw(st.sampled_from(["insert", "insert", "update", "update", "delete"])):
        case "insert":
            return Write(before=None, after=row)
        case "update":
            return Write(before=before, after=row)
        case _:
            return Write(before=before, after=None)


SIGHTINGS = st.builds(
    sighting,
    host=HOSTS,
    uuid=UUIDS,
    name=NAMES,
    standing=st.sampled_from([Standing.ORPHAN, Standing.OWNED]),
    absent=st.sampled_from([False, False, True]),
)
CHANGES = st.builds(
    Changes,
    writes=st.lists(writes(), max_size=3).map(tuple),
    sightings=st.lists(SIGHTINGS, max_size=2).map(tuple),
    gone=st.lists(st.tuples(HOSTS, UUIDS), max_size=1).map(tuple),
    entries=st.lists(st.builds(entry, what=NAMES), max_size=1).map(tuple),
)
QUERIES: Sequence[dict[str, Any]] = (
    {},
    {"uuid": UUID(int=1)},
    {"host": "home"},
    {"cluster": "second"},
    {"name": "a"},
    {"name": "\ud800"},
    {"standing": Standing.ORPHAN},
    {"power": PowerState.RUNNING},
    {"desired": DesiredState.RUNNING},
    {"phase": VmPhase.RUNNING, "host": "other"},
)
COMMITS = st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=1, max_size=8)
HOUSE = Changes(
    writes=tuple(
        Write(before=None, after=row)
        for row in (
            fleet(),
            cluster(),
            other_host(),
            other_host(id=HostId("home"), name="home"),
        )
    )
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has its tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "vmuster.db"
    asyncio.run(open_sqlite(path).close())
    return path


async def _loaded(store: Store) -> list[HostRows | None]:
    return [
        await load_host(store, HostId(host), [VmUuid(UUID(int=1))], ["a", "i-9-7-VM"], NOW)
        for host in ("home", "other")
    ]


async def _listed(store: Store) -> list[object]:
    """What is told of VMs in lists and in numbers."""
    every = [VmQuery(**asked) for asked in QUERIES]
    return [
        [await store.vms(query) for query in every],
        [await store.vms(query, limit=1) for query in every],
        await store.vms(VmQuery(), after=("a", VmUuid(UUID(int=2)), HostId("home"))),
        await store.count(Sighting, by="standing", absent=False),
        await store.count(VmRecord, by="phase", host=frozenset({HostId("home"), None})),
        await store.unseen(),
        await store.find(VmRecord, name=frozenset({"a", "b"}), after=(UUID(int=1),)),
    ]


@given(commits=COMMITS)
@settings(max_examples=examples(40), deadline=None)
def test_the_same_commits_leave_the_same_rows(empty: Path, commits: list[list[Changes]]) -> None:
    async def compare(path: Path) -> None:
        memory, sql = MemoryStore(), open_sqlite(path)
        for changes in [[HOUSE], *commits]:
            answers = [await store.commit(changes) for store in (memory, sql)]
            assert [reason == "" for reason in answers[0]] == [
                reason == "" for reason in answers[1]
            ]
            for kind in KINDS:
                one = cast(type[VmRecord], kind)
                assert await memory.find(one) == await sql.find(one)
            assert await _listed(memory) == await _listed(sql)
            if await memory.find(type(fleet())):
                assert await _loaded(memory) == await _loaded(sql)
        await sql.close()

    with TemporaryDirectory(dir=empty.parent) as folder:
        asyncio.run(compare(Path(shutil.copy(empty, folder))))


GUARDS = st.builds(record, uuid=UUIDS, version=st.integers(1, 3))
GUARDED = st.builds(
    replace,
    CHANGES,
    guards=st.lists(GUARDS, max_size=1).map(tuple),
    unrecorded=st.lists(UUIDS, max_size=1).map(tuple),
)


@given(changes=st.lists(CHANGES | GUARDED, min_size=5, max_size=40))
@settings(max_examples=examples(40), deadline=None)
def test_many_sets_at_once_are_answered_as_one_after_another(
    empty: Path, changes: list[Changes]
) -> None:
    async def compare(folder: Path) -> None:
        first, second = (
            open_sqlite(Path(shutil.copy(empty, folder / name))) for name in ("1.db", "2.db")
        )
        assert await first.commit([HOUSE]) == await second.commit([HOUSE])
        one_by_one = [(await first.commit([each]))[0] for each in changes]
        assert await second.commit(changes) == one_by_one
        for kind in KINDS:
            one = cast(type[VmRecord], kind)
            assert await first.find(one) == await second.find(one)
        await first.close()
        await second.close()

    with TemporaryDirectory(dir=empty.parent) as folder:
        asyncio.run(compare(Path(folder)))
