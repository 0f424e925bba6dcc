"""The two secrets: kept from others, never overwritten, and refused where they are not true."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.clocks import HandClock
from vmuster.model.errors import Corrupt, Refused
from vmuster.model.keys import ApiKey
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.keys import ADMIN, ensure_admin_key, load_signer

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1:8040"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "signing.key"


def test_a_new_key_is_readable_by_its_owner_alone(path: Path) -> None:
    load_signer(path, may_make=True)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]


@pytest.mark.parametrize("may_make", [True, False])
def test_a_key_that_is_there_is_used_and_never_overwritten(path: Path, may_make: bool) -> None:
    first = load_signer(path, may_make=True)
    content = path.read_bytes()
    again = load_signer(path, may_make=may_make)
    assert (again.key, again.public) == (first.key, first.public)
    assert path.read_bytes() == content


def test_every_key_is_another(tmp_path: Path) -> None:
    one, two = (load_signer(tmp_path / name, may_make=True) for name in ("one", "two"))
    assert one.key != two.key
    assert one.public != two.public


def test_where_a_fleet_relies_on_a_key_that_is_gone_none_is_made(path: Path) -> None:
    with pytest.raises(Corrupt) as error:
        load_signer(path, may_make=False)
    assert "no VM is harmed" in error.value.hint
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"not a key", b'{"key":"x","private":""}', b"\xff\xfe"],
)
def test_a_file_that_is_no_key_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o400)
    with pytest.raises(Corrupt):
        load_signer(path, may_make=True)
    assert path.read_bytes() == content


def test_a_key_that_was_cut_short_is_refused(path: Path) -> None:
    load_signer(path, may_make=True)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-10] + b'"}')
    with pytest.raises(Corrupt):
        load_signer(path, may_make=False)


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


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    load_signer(path, may_make=True)
    for mode in (0o440, 0o404, 0o420, 0o402):
        path.chmod(mode)
        with pytest.raises(Refused, match="others") as refused:
            load_signer(path, may_make=False)
        assert "chmod 0400" in refused.value.hint
