"""Whatever was written comes back equal: every kind, every field, hostile text, after a restart."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    api_key,
    cluster,
    credential,
    dropped,
    entry,
    fleet,
    held_plan,
    house,
    inserted,
    other_host,
    request_answer,
    stop,
    webhook,
)
from tests.conformance.stores.strategies import values
from tests.loaded import load_host
from tests.parts import HOST, host, operation, record, sighting
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.rows import KEYS
from vmuster.model.settled import Settled
from vmuster.model.states import OperationKind
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Store
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite

WITH_STORE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Kept:
    """A store and the one event loop it lives in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = asyncio.Runner().run


@pytest.fixture(params=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Kept]:
    store = MemoryStore() if request.param == "memory" else open_sqlite(tmp_path / "vmuster.db")
    opened = Kept(store)
    assert opened.run(store.commit([house()])) == [""]
    yield opened
    opened.run(store.close())


def shows_what_was_written(kept: Kept, row: Guarded) -> None:
    """Insert, read, drop."""

    async def trip() -> Guarded | None:
        assert await kept.store.commit([inserted(row)]) == [""]
        key = [getattr(row, field) for field in KEYS[type(row)]]
        back = await kept.store.get(cast(type[VmRecord], type(row)), *key)
        assert await kept.store.commit([dropped(replace(row, version=1))]) == [""]
        return back

    assert kept.run(trip()) == replace(row, version=1)


@given(values(Cluster))
@WITH_STORE
def test_clusters(kept: Kept, row: Cluster) -> None:
    shows_what_was_written(kept, replace(row, name=ClusterName(f"{row.name} ")))


@given(values(Host))
@WITH_STORE
def test_hosts(kept: Kept, row: Host) -> None:
    unique = {"id": f"{row.id} ", "name": f"{row.name} ", "cluster": cluster().name}
    shows_what_was_written(kept, replace(row, **unique))


@given(values(HeldPlan))
@WITH_STORE
def test_held_plans(kept: Kept, row: HeldPlan) -> None:
    shows_what_was_written(kept, replace(row, host=HOST))


@given(
    values(VmRecord)
    | values(Operation)
    | values(OutboxCommand)
    | values(ApiKey)
    | values(Credential)
    | values(Webhook)
    | values(RequestAnswer)
    | values(Settled)
)
@WITH_STORE
def test_the_other_guarded_rows(kept: Kept, row: Guarded) -> None:
    shows_what_was_written(kept, row)


@given(values(Fleet))
@WITH_STORE
def test_the_fleet(kept: Kept, row: Fleet) -> None:
    async def trip() -> Fleet | None:
        old = await kept.store.get(Fleet)
        assert old is not None
        assert await kept.store.commit([dropped(old), inserted(row)]) == ["", ""]
        return await kept.store.get(Fleet)

    assert kept.run(trip()) == replace(row, version=1)


@given(values(Sighting), values(JournalEntry))
@WITH_STORE
def test_sightings_and_entries(kept: Kept, seen: Sighting, line: JournalEntry) -> None:
    seen = replace(seen, host=HOST)

    async def trip() -> None:
        written = Changes(sightings=(seen,), entries=(line,))
        assert await kept.store.commit([written]) == [""]
        assert await kept.store.get(Sighting, HOST, seen.uuid) == seen
        (last,) = await kept.store.find(JournalEntry, newest_first=True, limit=1)
        assert last == replace(line, id=last.id, chain=last.chain)

    kept.run(trip())


HOSTILE = ["", "\0", "a\0b", "'; DROP TABLE vm; --", '"', "%s", ":x", "?", "\u202egnp", "\ufeff"]


@pytest.mark.parametrize("text", [*HOSTILE, "\U0010ffff", "A" * 100_000, "i̇", "\r\n"])
def test_hostile_text_is_kept_and_found(kept: Kept, text: str) -> None:
    row = record(name=text, label=text, boot_id=text)

    async def trip() -> None:
        assert await kept.store.commit([inserted(row)]) == [""]
        assert await kept.store.find(VmRecord, name=text) == [replace(row, version=1)]
        assert await kept.store.find(VmRecord, label=text + "x") == []
        loaded = await load_host(kept.store, HOST, [], [text], 0.0)
        assert loaded is not None
        assert loaded.named == (replace(row, version=1),)

    kept.run(trip())


def test_evidence_comes_back_as_plain_data(kept: Kept) -> None:
    async def trip() -> JournalEntry:
        evidence = {"vm": record().uuid, "seen": (1, 2), "power": record().power}
        await kept.store.commit([Changes(entries=(entry(evidence=evidence),))])
        (line,) = await kept.store.find(JournalEntry)
        return line

    assert kept.run(trip()).evidence == {
        "vm": str(record().uuid),
        "seen": [1, 2],
        "power": "running",
    }


@given(st.data())
@settings(max_examples=3, deadline=None)
def test_everything_is_there_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("restart") / "vmuster.db"
    rows = [
        fleet(),
        cluster(),
        host(),
        other_host(),
        record(label=data.draw(st.text())),
        operation(OperationKind.ADOPT),
        stop(),
        api_key(),
        held_plan(),
        credential(),
        webhook(),
        request_answer(),
    ]

    async def before() -> None:
        store = open_sqlite(path)
        more = Changes(sightings=(sighting(),), entries=(entry(), entry(what="more")))
        assert await store.commit([inserted(*rows), more]) == ["", ""]
        await store.close()

    async def after() -> None:
        store = open_sqlite(path)
        for row in rows:
            kind = cast(type[VmRecord], type(row))
            assert replace(row, version=1) in await store.find(kind)
        assert await store.find(Sighting) == [sighting()]
        assert await store.commit([Changes(entries=(entry(),))]) == [""]
        assert [line.id for line in await store.find(JournalEntry)] == [1, 2, 3]
        await store.close()

    asyncio.run(before())
    asyncio.run(after())
