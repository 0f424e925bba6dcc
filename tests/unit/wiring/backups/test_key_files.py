"""Keys in one file: what we put there is taken, whatever else somebody put there is refused."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.outside import new_signer
from tests.parts import FLEET
from tests.unit.wiring.backups.folders import told
from vmuster.model.errors import Corrupt, Refused
from vmuster.model.host import Fleet
from vmuster.model.ids import KeyId
from vmuster.wiring.backups.key_files import files_in, fits, read_keys, write_keys
from vmuster.wiring.secrets.signing_keys import SigningKeys, signer_of

Put = Callable[[tarfile.TarFile], None]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "founded")
    return tmp_path / "state"


def test_they_are_read_as_they_were_written(state: Path, tmp_path: Path) -> None:
    files = files_in(state)
    assert set(files) == {"keys/signing.key", "client.toml"}
    write_keys(files, tmp_path / "keys.tar")
    assert (tmp_path / "keys.tar").stat().st_mode & 0o777 == 0o600
    assert read_keys(tmp_path / "keys.tar") == files


def test_certificates_and_a_staged_key_belong_to_them(state: Path) -> None:
    (state / "tls").mkdir()
    (state / "tls" / "ca.key").write_text("k")
    SigningKeys(state / "keys" / "signing.key").make()
    names = list(files_in(state))
    assert names[0] == "keys/signing.key.next"
    assert "tls/ca.key" in names


def test_a_folder_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there are no keys"):
        files_in(tmp_path)


def put(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> Put:
    def put(tar: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        member.size = len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(member, io.BytesIO(content))

    return put


def put_many(tar: tarfile.TarFile) -> None:
    for number in range(101):
        put(f"keys/{number}")(tar)


@pytest.mark.parametrize(
    "put",
    [
        put("../keys/signing.key"),
        put("/keys/signing.key"),
        put("keys/../../signing.key"),
        put("keys/deep/er"),
        put("keys/.hidden"),
        put("vmuster.db"),
        put("keys/signing.key", kind=tarfile.SYMTYPE, link="elsewhere"),
        put("keys/signing.key", kind=tarfile.FIFOTYPE),
        put("keys", kind=tarfile.DIRTYPE),
        put("keys/large", b"x" * ((1 << 20) + 1)),
        put_many,
    ],
)
def test_what_we_never_put_there_is_refused(tmp_path: Path, put: Put) -> None:
    with tarfile.open(tmp_path / "keys.tar", "w") as tar:
        put(tar)
    with pytest.raises(Corrupt, match="is no backup of keys"):
        read_keys(tmp_path / "keys.tar")


def test_what_is_no_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"SQLite format 3\0" * 100)
    with pytest.raises(Corrupt, match="is no backup of keys"):
        read_keys(tmp_path / "a")
    with pytest.raises(Refused, match="can't be read"):
        read_keys(tmp_path / "nowhere")


def test_a_key_fits_the_fleet_that_it_signs_for(state: Path) -> None:
    files = files_in(state)
    signer = SigningKeys(state / "keys" / "signing.key").make()
    present = signer.earlier[-1]
    other = new_signer()

    def fleet(key: KeyId, **public: bytes) -> Fleet:
        return Fleet(id=FLEET, instance="VM", created_at=1.0, key=key, public_keys=public)

    own = _public(files["keys/signing.key"])
    staged = files_in(state)
    assert fits(fleet(present, **{str(present): own}), files)
    assert not fits(fleet(present, **{str(present): other.public}), files)
    assert not fits(fleet(other.key, **{str(other.key): other.public}), files)
    assert fits(fleet(present, **{str(present): own}), {"keys/signing.key": staged[_NEXT]})
    both = {str(present): own, str(signer.key): signer.public}
    assert fits(fleet(signer.key, **both), staged)
    assert not fits(fleet(present, **both), {"keys/signing.key": staged[_NEXT]})


_NEXT = "keys/signing.key.next"


def _public(content: bytes) -> bytes:
    return signer_of(content, "it").public
