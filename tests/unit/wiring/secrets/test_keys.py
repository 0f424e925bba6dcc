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
from vmuster.wiring.secrets import keys
from vmuster.wiring.secrets.keys import ADMIN, ensure_admin_key, fresh_key

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


class PulledOut(Exception):
    """The machine went away."""


def pull_out(patch: pytest.MonkeyPatch, store: MemoryStore, edge: str) -> None:
    """Have the machine go away at this edge."""
    commit, write = store.commit, keys.write_client

    def away(*_args: object) -> None:
        raise PulledOut

    async def away_after(changes: list[Changes]) -> list[str]:
        await commit(changes)
        raise PulledOut

    async def away_before(_changes: list[Changes]) -> list[str]:
        raise PulledOut

    def written_then_away(path: Path, said: dict[str, str]) -> None:
        write(path, said)
        raise PulledOut

    match edge:
        case "not written":
            patch.setattr(keys, "write_client", away)
        case "written":
            patch.setattr(keys, "write_client", written_then_away)
        case "not committed":
            patch.setattr(store, "commit", away_before)
        case _:
            patch.setattr(store, "commit", away_after)


@pytest.mark.parametrize("edge", ["not written", "written", "not committed", "committed"])
@pytest.mark.parametrize("before", ["nothing", "lost", "stale", "of another database"])
async def test_wherever_it_is_cut_short_the_next_start_leaves_a_good_key(
    tmp_path: Path, before: str, edge: str
) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    if before in ("lost", "stale"):
        await ensure_admin_key(store, HandClock(), path, URL)
        path.unlink()
    if before in ("stale", "of another database"):
        path.write_text(f'url = "{URL}"\nkey = "{fresh_key()}"\n')
    with pytest.MonkeyPatch.context() as patch:
        pull_out(patch, store, edge)
        with pytest.raises(PulledOut):
            await ensure_admin_key(store, HandClock(), path, URL)
    await ensure_admin_key(store, HandClock(), path, URL)
    written = tomllib.loads(path.read_text())["key"]
    known = await store.find(ApiKey, digest=hashlib.sha256(written.encode()).hexdigest())
    assert [key.name for key in known] == [ADMIN]


@pytest.mark.parametrize("content", ["", "no toml", 'key = "of-somebody"\n'])
async def test_what_a_person_has_made_of_it_stays(tmp_path: Path, content: str) -> None:
    store, path = MemoryStore(), tmp_path / "client.toml"
    await ensure_admin_key(store, HandClock(), path, URL)
    if content.startswith("key"):
        known = await store.get(ApiKey, ADMIN)
        await store.commit([Changes(writes=(Write(before=known, after=None),))])
        theirs = ApiKey(name=ADMIN, digest="d", created_at=1.0, created_by="anna")
        await store.commit([Changes(writes=(Write(before=None, after=theirs),))])
    path.write_text(content)
    kept = await store.get(ApiKey, ADMIN)
    await ensure_admin_key(store, HandClock(), path, URL)
    assert path.read_text() == content
    assert await store.get(ApiKey, ADMIN) == kept


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
    made = {fresh_key() for _ in range(100)}
    assert len(made) == 100
    for key in made:
        found = re.fullmatch(r"vmuster_([A-Za-z0-9_-]{43})([0-9a-f]{8})", key)
        assert found is not None
        assert int(found[2], 16) == zlib.crc32(found[1].encode())
