"""Keys are known by their digests alone."""

import asyncio
import hashlib

import pytest

from vmuster.api.keys import actor_of_key
from vmuster.model.changes import Changes, Write
from vmuster.model.keys import ApiKey
from vmuster.stores.memory import MemoryStore


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
