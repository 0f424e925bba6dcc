"""Keys are known by their digests alone."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vmuster.api.keys import actor_of_key
from vmuster.model.changes import Changes, Write
from vmuster.model.keys import ApiKey
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite


def asked(authorization: str) -> str | None:
    async def ask() -> str | None:
        store = MemoryStore()
        digest = hashlib.sha256(b"secret").hexdigest()
        row = ApiKey(name="anna", digest=digest, created_at=1.0)
        await store.commit([Changes(writes=(Write(before=None, after=row),))])
        return await actor_of_key(store, authorization)

    return asyncio.run(ask())


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_a_known_key_names_its_actor(header: str) -> None:
    assert asked(header) == "anna"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "secret",
        "Bearer Secret",
        "Bearer secret2",
        "Bearer \udce9",
        "Bearer " + hashlib.sha256(b"secret").hexdigest(),
    ],
)
def test_anything_else_names_nobody(header: str) -> None:
    assert asked(header) is None


def test_a_row_that_can_not_be_read_keeps_no_other_key_out(tmp_path: Path) -> None:
    async def ask() -> str | None:
        store = open_sqlite(tmp_path / "a.db")
        rows = [
            ApiKey(name=name, digest=hashlib.sha256(name.encode()).hexdigest(), created_at=1.0)
            for name in ("anna", "bert")
        ]
        writes = tuple(Write(before=None, after=row) for row in rows)
        await store.commit([Changes(writes=writes)])
        with closing(sqlite3.connect(tmp_path / "a.db")) as other:
            other.execute("UPDATE api_key SET digest = 'x' WHERE name = 'anna'")
            other.commit()
        try:
            return await actor_of_key(store, "Bearer bert")
        finally:
            await store.close()

    assert asyncio.run(ask()) == "bert"
