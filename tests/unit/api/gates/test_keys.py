"""Keys are known by their digests alone, and only as long as they are good."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vmuster.api.gates.keys import key_of
from vmuster.model.changes import Changes, Write
from vmuster.model.keys import ApiKey
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite


def asked(authorization: str, *, now: float = 0.0) -> str | None:
    """Whose key it is at that moment; anna's is over at 100."""

    async def ask() -> str | None:
        store = MemoryStore()
        digest = hashlib.sha256(b"secret").hexdigest()
        row = ApiKey(name="anna", digest=digest, created_at=1.0, expires_at=100.0)
        await store.commit([Changes(writes=(Write(before=None, after=row),))])
        key = await key_of(store, authorization, now)
        return key.name if key is not None else None

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


def test_a_key_that_is_over_names_nobody() -> None:
    assert asked("Bearer secret", now=99.9) == "anna"
    assert asked("Bearer secret", now=100.0) is None


def test_a_row_that_can_not_be_read_keeps_no_other_key_out(tmp_path: Path) -> None:
    async def ask() -> ApiKey | None:
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
            return await key_of(store, "Bearer bert", 0.0)
        finally:
            await store.close()

    found = asyncio.run(ask())
    assert found is not None
    assert found.name == "bert"
