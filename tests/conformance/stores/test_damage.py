"""A damaged, closed or full disk: refused in words, never wrong rows, nothing half there (F62)."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import cast
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Engine, create_engine

from tests.conformance.stores.rows import (
    credential,
    entry,
    held_plan,
    house,
    inserted,
    stop,
)
from tests.effort import examples
from tests.loaded import load_host
from tests.parts import HOST, operation, record, sighting
from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt, Unavailable, VmusterError
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.states import OperationKind
from vmuster.model.vm import VmRecord
from vmuster.ports.store import HostRows, Store, VmQuery
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore
from vmuster.stores.sql.threads import EngineThreads

PAGE = 4096
VMS = [VmUuid(UUID(int=(n << 100) + n)) for n in range(1, 61)]
Everything = tuple[HostRows | None, Sequence[Sequence[msgspec.Struct]]]


async def everything(store: Store) -> Everything:
    """All that a pass would be given, and every row of every kind."""
    loaded = await load_host(store, HOST, VMS, [f"i-2-{n}-VM" for n in range(60)], 0.0)
    return loaded, [await store.find(cast(type[VmRecord], kind)) for kind in KINDS]


def with_store(path: Path, story: Callable[[SqlStore], Awaitable[None]]) -> None:
    """Play `story` on a store at `path`."""

    async def play() -> None:
        store = open_sqlite(path)
        try:
            await story(store)
        finally:
            await store.close()

    asyncio.run(play())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some sixty VMs, all of it in one file."""
    path = tmp_path_factory.mktemp("sound") / "vmuster.db"

    async def fill(store: SqlStore) -> None:
        rows = [record(uuid=vm, name=f"i-2-{n}-VM") for n, vm in enumerate(VMS)]
        others = (operation(OperationKind.STOP), stop(), held_plan(), credential())
        seen = tuple(sighting(uuid=vm) for vm in VMS)
        lines = tuple(entry(vm=vm) for vm in VMS)
        more = Changes(sightings=seen, entries=lines)
        assert await store.commit([house(), inserted(*rows), inserted(*others), more]) == [""] * 4

    with_store(path, fill)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    return path


def flipped(content: bytes, chance: random.Random) -> bytes:
    """`content` with a few bytes changed in up to three of its pages."""
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        page = chance.randrange(len(content) // PAGE) * PAGE
        for _ in range(chance.choice([1, 4, 64, 1024])):
            damaged[page + chance.randrange(PAGE)] ^= chance.randrange(1, 256)
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(examples(60)))
def test_flipped_bytes_are_refused_or_harmless(sound: Path, tmp_path: Path, seed: int) -> None:
    path = Path(shutil.copy(sound, tmp_path))
    whole: list[Everything] = []
    read: list[Everything] = []

    async def look(store: SqlStore) -> None:
        whole.append(await everything(store))

    async def look_again(store: SqlStore) -> None:
        read.append(await everything(store))

    with_store(path, look)
    path.write_bytes(flipped(sound.read_bytes(), random.Random(seed)))
    with suppress(Corrupt, Unavailable):
        with_store(path, look_again)
    assert read in ([], whole)


def test_a_row_of_which_the_text_is_none_costs_no_other(sound: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path))
    with closing(sqlite3.connect(path)) as database, database:
        for damage in (
            "journal SET what = CAST(x'ff' AS TEXT) WHERE id = 7",
            "journal SET chain = CAST(x'ff' AS TEXT) WHERE id = 60",
            "sighting SET name = CAST(x'ff' AS TEXT) WHERE uuid LIKE '%-00000000001e'",
        ):
            assert database.execute(f"UPDATE {damage}").rowcount == 1

    async def look(store: SqlStore) -> None:
        lines = await store.find(JournalEntry, readable=True)
        assert [line.id for line in lines] == [n for n in range(1, 60) if n != 7]
        rows = await store.vms(VmQuery())
        assert [row.sighting for row in rows if row.record is None] == []
        assert len([row for row in rows if row.sighting is not None]) == len(VMS) - 1
        assert len(await store.unread()) == 3
        with pytest.raises(Corrupt, match="journal entry 7 in the database"):
            await store.find(JournalEntry)
        assert await store.commit([Changes(entries=(entry(),))]) == [""]
        (last,) = await store.find(JournalEntry, newest_first=True, limit=1)
        assert last.id == 61

    with_store(path, look)


def test_most_damage_is_noticed_at_the_door(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "vmuster.db"
    noticed: list[VmusterError] = []
    for seed in range(20):
        path.write_bytes(flipped(sound.read_bytes(), random.Random(seed)))
        try:
            asyncio.run(open_sqlite(path).close())
        except (Corrupt, Unavailable) as refused:
            noticed.append(refused)
    assert len(noticed) >= 10
    for each in noticed:
        told(each)


def told(refused: VmusterError) -> None:
    """It is said what happened and what to do, in words that can be shown."""
    assert refused.hint
    assert str(refused).isprintable()


def limit_pages(engine: Engine, pages: int) -> None:
    """Let the database grow to `pages`, as if there were no more room on its disk."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages:d}")


def big(number: int) -> Changes:
    """A set that takes some room: records and an entry that belong together."""
    records = [
        record(uuid=UUID(int=number * 10 + n), name=f"{number}-{n}", label="x" * 3000)
        for n in range(3)
    ]
    return Changes(writes=inserted(*records).writes, entries=(entry(what=str(number)),))


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_full_disk_is_unavailable_and_then_is_again(tmp_path: Path, at_once: int) -> None:
    path = tmp_path / "vmuster.db"
    prepare(path)

    async def story() -> None:
        writer, reader = (create_engine(f"sqlite:///{path}") for _ in range(2))
        hold_to_promises(writer, write=True)
        hold_to_promises(reader, write=False)
        store = SqlStore(
            writer=EngineThreads(writer, many=1),
            reader=EngineThreads(reader, many=1),
            dialect=SqliteDialect(),
        )
        await store.commit([house()])
        limit_pages(writer, path.stat().st_size // PAGE + 40)
        written = 0
        with suppress(Unavailable):
            while await store.commit([big(written + n) for n in range(at_once)]):
                written += at_once
        for _ in range(3):
            with pytest.raises(Unavailable, match="full") as caught:
                await store.commit([big(written + n) for n in range(at_once)])
            told(caught.value)
        assert len(await store.find(VmRecord)) == 3 * written
        assert len(await store.find(JournalEntry)) == written > 0
        limit_pages(writer, 100_000)
        assert await store.commit([big(written)]) == [""]
        assert len(await store.find(VmRecord)) == 3 * (written + 1)
        await store.close()

    asyncio.run(story())
