"""The first API key: written for its owner, kept as a digest, and made anew where it was lost."""

import hashlib
import re
import tomllib
import zlib
from pathlib import Path

import pytest

from tests.clocks import HandClock
from vmuster.model.changes import Changes, Write
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Scope
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.keys import ADMIN, ensure_admin_key, fresh_key

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
    (entry,) = await store.find(JournalEntry)
    assert (entry.kind, entry.actor) == (EntryKind.AUDIT, "vmuster")
    assert "API key admin was made" in entry.what
    assert client["key"] not in entry.what


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


async def revoked(store: MemoryStore, *others: ApiKey) -> None:
    """Take the first key away, and have others."""
    known = await store.get(ApiKey, ADMIN)
    assert known is not None
    writes = (
        *(Write(before=None, after=other) for other in others),
        Write(before=known, after=None),
    )
    assert await store.commit([Changes(writes=writes)]) == [""]


@pytest.mark.parametrize("kept_file", [True, False])
async def test_a_first_key_that_was_revoked_is_not_made_again(
    tmp_path: Path, kept_file: bool
) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    await ensure_admin_key(store, HandClock(), path, URL)
    await revoked(store, ApiKey(name="root", digest="d", created_at=1.0))
    if not kept_file:
        path.unlink()
    await ensure_admin_key(store, HandClock(), path, URL)
    assert await store.get(ApiKey, ADMIN) is None
    assert path.exists() is kept_file


@pytest.mark.parametrize(
    "other",
    [
        ApiKey(name="root", digest="d", created_at=1.0, expires_at=2.0),
        ApiKey(name="night", digest="d", created_at=1.0, scope=Scope.OPERATE),
    ],
    ids=["expires", "narrow"],
)
async def test_where_no_key_could_make_others_one_is_made(tmp_path: Path, other: ApiKey) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    await ensure_admin_key(store, HandClock(), path, URL)
    await revoked(store, other)
    await ensure_admin_key(store, HandClock(), path, URL)
    assert await store.get(ApiKey, ADMIN) is not None


def test_a_key_can_be_told_from_other_text_without_asking_us() -> None:
    keys = {fresh_key() for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        found = re.fullmatch(r"vmuster_([A-Za-z0-9_-]{43})([0-9a-f]{8})", key)
        assert found is not None
        assert int(found[2], 16) == zlib.crc32(found[1].encode())
