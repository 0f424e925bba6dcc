"""An opened store works on its file, and lets go of all of it when it is closed."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.conformance.stores.rows import credential, house, inserted
from vmuster.model.errors import Corrupt
from vmuster.model.host import Fleet
from vmuster.ports.store import Store
from vmuster.stores.sql.opening import open_sqlite


def test_it_is_opened_at_a_path_that_holds_odd_characters(tmp_path: Path) -> None:
    path = tmp_path / "a %20?#&b" / "é.db"

    async def story() -> None:
        store: Store = open_sqlite(path)
        assert await store.commit([house()]) == [""]
        assert await store.get(Fleet) is not None
        await store.close()

    asyncio.run(story())
    assert path.is_file()


def test_a_closed_store_leaves_one_file(tmp_path: Path) -> None:
    async def story() -> None:
        store = open_sqlite(tmp_path / "a.db")
        await store.commit([house()])
        await asyncio.gather(*(store.get(Fleet) for _ in range(9)))
        await store.close()

    asyncio.run(story())
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.db"]


def test_what_is_refused_at_the_door_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(Corrupt):
        open_sqlite(path)


def test_no_error_shows_what_a_row_holds(tmp_path: Path) -> None:
    async def story() -> None:
        store = open_sqlite(tmp_path / "a.db")
        with closing(sqlite3.connect(tmp_path / "a.db")) as other:
            other.execute("DROP TABLE credential")
            other.commit()
        with pytest.raises(DBAPIError, match="no such table") as caught:
            await store.commit([inserted(credential(public="for our eyes only"))])
        assert "for our eyes only" not in str(caught.value)
        await store.close()

    asyncio.run(story())
