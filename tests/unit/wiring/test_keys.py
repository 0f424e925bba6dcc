"""The first API key: written for its owner, kept as a digest, and made anew where it was lost."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.clocks import HandClock
from vmuster.model.keys import ApiKey
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.keys import ADMIN, ensure_admin_key

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1:8040"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_first_api_key_is_written_for_its_owner_and_kept_as_a_digest(
    tmp_path: Path,
) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    await ensure_admin_key(store, HandClock(), path, URL)
    assert path.stat().st_mode & 0o777 == 0o600
    client = tomllib.loads(path.read_text())
    assert client["url"] == URL
    key = await store.get(ApiKey, ADMIN)
    assert key is not None
    assert key.digest == hashlib.sha256(client["key"].encode()).hexdigest()
    assert len(client["key"]) >= 40


async def test_a_key_that_is_there_stays_and_a_lost_file_brings_a_fresh_one(
    tmp_path: Path,
) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    await ensure_admin_key(store, HandClock(), path, URL)
    first = path.read_text()
    await ensure_admin_key(store, HandClock(), path, URL)
    assert path.read_text() == first
    path.unlink()
    await ensure_admin_key(store, HandClock(), path, URL)
    assert path.read_text() != first
    key = await store.get(ApiKey, ADMIN)
    assert key is not None
    fresh = tomllib.loads(path.read_text())["key"]
    assert key.digest == hashlib.sha256(fresh.encode()).hexdigest()
