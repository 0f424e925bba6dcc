"""Sealing: only this installation opens, only under the same name, and only what was sealed."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from vmuster.model.errors import Corrupt, Refused, VmusterError
from vmuster.model.journal import EntryKind
from vmuster.model.keys import Credential, CredentialKind
from vmuster.model.webhooks import Webhook
from vmuster.wiring.secrets.sealing import FileSealer

SECRET = b"the canary sings"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "sealing.key"


FRESH = Credential(
    name="key", kind=CredentialKind.SSH, sealed=b"", public="SHA256:x", created_at=1.5
)


def sealed(path: Path, *, first: bool = True) -> Credential:
    secret = FileSealer(path).seal(FRESH, SECRET, first=first)
    return msgspec.structs.replace(FRESH, sealed=secret)


def test_what_was_sealed_is_opened_again(path: Path) -> None:
    credential = sealed(path)
    assert FileSealer(path).open(credential) == SECRET
    assert SECRET not in credential.sealed
    assert sealed(path).sealed != credential.sealed


def test_the_key_is_made_at_first_use_for_its_owner_alone(path: Path) -> None:
    sealer = FileSealer(path)
    assert not path.exists()
    _ = sealer.seal(FRESH, SECRET, first=True)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    content = path.read_bytes()
    _ = sealer.seal(FRESH, SECRET, first=False)
    assert path.read_bytes() == content


def test_a_key_that_others_can_read_is_refused(path: Path) -> None:
    credential = sealed(path)
    path.chmod(0o440)
    with pytest.raises(Refused, match="others"):
        FileSealer(path).open(credential)
    with pytest.raises(Refused, match="others"):
        sealed(path)


def test_where_the_key_is_gone_nothing_is_opened_and_none_is_made_for_it(path: Path) -> None:
    credential = sealed(path)
    path.unlink()
    with pytest.raises(Corrupt, match="is gone") as raised:
        FileSealer(path).open(credential)
    assert "credential add" in raised.value.hint
    assert not path.exists()


def test_a_key_that_is_gone_is_replaced_on_a_persons_word_alone(path: Path) -> None:
    sealed(path)
    path.unlink()
    with pytest.raises(Refused, match="is gone") as raised:
        sealed(path, first=False)
    assert "empty file" in raised.value.hint
    assert not path.exists()
    path.touch(0o600)
    assert FileSealer(path).open(sealed(path, first=False)) == SECRET
    assert path.stat().st_mode & 0o777 == 0o400


def test_no_refusal_shows_where_the_state_folder_is(path: Path) -> None:
    credential = sealed(path)
    path.chmod(0o440)
    said = [refused(lambda: FileSealer(path).open(credential))]
    path.chmod(0o600)
    path.write_bytes(b"{}")
    said.append(refused(lambda: FileSealer(path).open(credential)))
    path.unlink()
    said += [
        refused(lambda: FileSealer(path).open(credential)),
        refused(lambda: sealed(path, first=False)),
    ]
    sealed(path)
    said.append(refused(lambda: FileSealer(path).open(credential)))
    assert all("keys/sealing.key" in each for each in said)
    assert not any(str(path.parent) in each for each in said)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(VmusterError) as raised:
        act()
    return str(raised.value)


def test_another_key_does_not_open_it(path: Path) -> None:
    credential = sealed(path)
    path.unlink()
    again = sealed(path)
    with pytest.raises(Corrupt, match="another key"):
        FileSealer(path).open(credential)
    assert FileSealer(path).open(again) == SECRET


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"kind": CredentialKind.TLS},
        {"public": "SHA256:y"},
        {"created_at": 1.0},
    ],
)
def test_a_row_that_was_moved_is_not_opened(path: Path, change: dict[str, object]) -> None:
    moved = msgspec.structs.replace(sealed(path), **change)
    with pytest.raises(Corrupt, match="not as it was sealed"):
        FileSealer(path).open(moved)


@pytest.mark.parametrize("place", [16, 28, -1])
def test_a_row_that_was_changed_is_not_opened(path: Path, place: int) -> None:
    credential = sealed(path)
    changed = bytearray(credential.sealed)
    changed[place] ^= 1
    with pytest.raises(Corrupt, match="not as it was sealed"):
        FileSealer(path).open(msgspec.structs.replace(credential, sealed=bytes(changed)))
    for cut in (0, 16, 20, 30):
        short = msgspec.structs.replace(credential, sealed=credential.sealed[:cut])
        with pytest.raises(Corrupt):
            FileSealer(path).open(short)


@pytest.mark.parametrize("content", [b"{}", b'{"id":"x","key":""}', b"\xff"])
def test_a_file_that_is_no_key_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o400)
    with pytest.raises(Corrupt, match="no key"):
        sealed(path)
    assert path.read_bytes() == content


def test_nothing_of_it_is_shown(path: Path) -> None:
    credential, sealer = sealed(path), FileSealer(path)
    assert repr(credential.sealed) not in repr(credential)
    assert "key=" not in repr(sealer)


HOOK = Webhook(
    name="key", url="https://h.example/x", sealed=b"", kinds=(EntryKind.ALERT,), created_at=1.5
)


def test_the_secret_of_a_webhook_opens_under_its_name_and_url_alone(path: Path) -> None:
    sealer = FileSealer(path)
    hook = msgspec.structs.replace(HOOK, sealed=sealer.seal(HOOK, SECRET, first=True))
    told = msgspec.structs.replace(hook, delivered=7, failures=1, trouble="x", version=4)
    assert sealer.open(told) == SECRET
    for changed in ({"name": "other"}, {"url": "https://evil.example/"}, {"created_at": 2.0}):
        with pytest.raises(Corrupt, match="not as it was sealed") as refused:
            sealer.open(msgspec.structs.replace(hook, **changed))
        assert "vmuster webhook add" in refused.value.hint
    with pytest.raises(Corrupt, match="credential key is not"):
        sealer.open(msgspec.structs.replace(FRESH, sealed=hook.sealed))


@pytest.mark.parametrize("first", [True, False])
def test_to_check_is_to_refuse_what_would_be_refused_and_to_make_nothing(
    path: Path, first: bool
) -> None:
    def refused(act: Callable[[], object]) -> bool:
        try:
            act()
        except VmusterError:
            return True
        return False

    assert refused(lambda: FileSealer(path).check(first=first)) is not first
    assert not path.exists()
    sealed(path)
    FileSealer(path).check(first=first)
    path.chmod(0o644)
    assert refused(lambda: FileSealer(path).check(first=first))
    path.chmod(0o600)
    path.write_bytes(b"")
    FileSealer(path).check(first=first)
    assert path.read_bytes() == b""
