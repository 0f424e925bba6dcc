"""Look-ups by a key: many at once are few statements, and each reads what it asks for."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.stores.rows import house, inserted
from tests.parts import HOST, OTHER, record, sighting
from tests.plans import statements_of
from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.vm import VmRecord
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.store import SqlStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    async def fill() -> None:
        store = open_sqlite(tmp_path / "vmuster.db")
        rows = inserted(record())
        assert await store.commit([house(), rows, Changes(sightings=(sighting(),))]) == [""] * 3
        await store.close()

    asyncio.run(fill())
    return tmp_path / "vmuster.db"


async def greeted(store: SqlStore, times: int) -> None:
    """Ask as so many conversations that begin at once."""
    for host in (HOST, OTHER) * times:
        asyncio.ensure_future(store.get(Host, host))  # noqa: RUF006  # `finished` waits
        asyncio.ensure_future(store.get(Fleet))  # noqa: RUF006
        asyncio.ensure_future(store.known_on(host))  # noqa: RUF006
        asyncio.ensure_future(store.unanswered(host))  # noqa: RUF006
    await asyncio.sleep(0)
    await store.finished()


def test_a_thousand_that_ask_at_once_are_few_statements(path: Path) -> None:
    few, many = (statements_of(path, lambda store, n=n: greeted(store, n)) for n in (1, 500))
    assert len(many) == len(few) <= 6


def test_a_row_that_can_t_be_read_is_nobody_else_s_affair(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE host SET name = 'x' WHERE id = ?", (OTHER,))

    async def ask() -> list[object]:
        store = open_sqlite(path)
        wanted = (store.get(Host, host) for host in (HOST, OTHER, "nobody"))
        found = await asyncio.gather(*wanted, return_exceptions=True)
        await store.close()
        return [type(each) for each in found]

    assert asyncio.run(ask()) == [Host, Corrupt, type(None)]


def test_a_vm_whose_uuid_is_none_is_said(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE sighting SET uuid = 'none' WHERE host = ?", (HOST,))

    async def ask() -> None:
        store = open_sqlite(path)
        try:
            with pytest.raises(Corrupt, match=HOST):
                await store.known_on(HOST)
            assert await store.known_on(OTHER) == ()
            assert await store.find(Cluster)
            assert await store.get(VmRecord, record().uuid) is not None
        finally:
            await store.close()

    asyncio.run(ask())
