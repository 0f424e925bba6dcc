"""A server's parts over a database in a file, whose journal somebody can damage."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Bench, bench
from vmuster.stores.sql.opening import open_sqlite


class Kept:
    """A bench, and the file that its database is in."""

    def __init__(self, parts: Bench, path: Path) -> None:
        self.parts = parts
        self._path = path

    def damage(self, number: int) -> None:
        """Have this entry of the journal not be as it was written."""
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("UPDATE journal SET what = 'another' WHERE id = ?", [number])

    def remove(self, first: int, last: int) -> None:
        """Have these entries, and those between them, not be there."""
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("DELETE FROM journal WHERE id BETWEEN ? AND ?", [first, last])


@pytest.fixture
async def kept(anyio_backend: str, tmp_path: Path) -> AsyncGenerator[Kept]:
    path = tmp_path / "vmuster.db"
    store = open_sqlite(path)
    yield Kept(await bench(store), path)
    await store.close()
