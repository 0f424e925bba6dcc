"""The signing key's files: kept from others, never overwritten, staged before they are used."""

from pathlib import Path

import pytest

from tests.keypairs import first_key
from tests.servers import vm
from vmuster.model.errors import Corrupt, Refused
from vmuster.model.ids import KeyId
from vmuster.wiring.secrets.signing_keys import SigningKeys

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "signing.key"


def test_a_new_key_is_readable_by_its_owner_alone(path: Path) -> None:
    first_key(path)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]


def test_a_key_that_is_there_is_used_and_never_overwritten(path: Path) -> None:
    first = first_key(path)
    content = path.read_bytes()
    again = SigningKeys(path).load(first.key)
    assert (again.key, again.public, again.earlier) == (first.key, first.public, ())
    assert path.read_bytes() == content


@pytest.mark.parametrize("founded", [True, False])
def test_a_founding_that_was_cut_short_is_carried_on(path: Path, founded: bool) -> None:
    first = SigningKeys(path).load(None)
    again = SigningKeys(path).load(first.key if founded else None)
    assert (again.key, again.public) == (first.key, first.public)
    assert path.exists() is founded


def test_where_the_fleet_of_a_key_is_gone_none_is_founded(path: Path) -> None:
    first = first_key(path)
    with pytest.raises(Corrupt, match="signing key of a fleet") as error:
        SigningKeys(path).load(None)
    assert "restore vmuster.db" in error.value.hint
    assert SigningKeys(path).load(first.key).key == first.key


def test_every_key_is_another(tmp_path: Path) -> None:
    one, two = (first_key(tmp_path / name) for name in ("one", "two"))
    assert one.key != two.key
    assert one.public != two.public


def test_where_a_fleet_relies_on_a_key_that_is_gone_none_is_made(path: Path) -> None:
    with pytest.raises(Corrupt) as error:
        SigningKeys(path).load(KeyId(vm(1)))
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
        SigningKeys(path).load(KeyId(vm(1)))
    assert path.read_bytes() == content


def test_a_key_that_was_cut_short_is_refused(path: Path) -> None:
    first = first_key(path)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-10] + b'"}')
    with pytest.raises(Corrupt):
        SigningKeys(path).load(first.key)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402])
def test_a_key_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    first = first_key(path)
    path.chmod(mode)
    with pytest.raises(Refused, match="others") as refused:
        SigningKeys(path).load(first.key)
    assert "chmod 0400" in refused.value.hint


def test_a_staged_key_is_the_same_until_it_is_settled(path: Path) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = keys.make()
    assert keys.make().public == staged.public != first.public
    assert path.with_name("signing.key.next").stat().st_mode & 0o777 == 0o400
    assert keys.load(first.key).key == first.key, "until it is settled, the old one is loaded"
    staged = keys.make()
    keys.settle(staged.key)
    keys.settle(staged.key)
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]
    assert keys.load(staged.key).public == staged.public
    third = keys.make()
    assert third.earlier == (first.key, staged.key)


def test_a_staged_key_that_is_gone_is_not_settled(path: Path) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = keys.make()
    path.with_name("signing.key.next").unlink()
    with pytest.raises(Corrupt, match="staged"):
        keys.settle(staged.key)
    assert keys.load(first.key).key == first.key


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_a_staged_key_that_nobody_relies_on_stops_no_start(path: Path, content: bytes) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = path.with_name("signing.key.next")
    staged.write_bytes(content)
    staged.chmod(0o400)
    assert keys.load(first.key).key == first.key
    assert not staged.exists()
