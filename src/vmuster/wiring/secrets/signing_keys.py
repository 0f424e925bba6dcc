"""The signing key and the one that is to take its place, in 0400 files outside the database.

A stolen backup can't sign, and losing the key stops no VM. A rotation may be cut short anywhere:
which of the two files counts is what the fleet row says, and a start tidies up by it.
"""

from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.errors import Corrupt
from vmuster.model.ids import KeyId
from vmuster.server.secrets.signing import Signer
from vmuster.wiring.secrets.secret_files import check_secret, put_in_place, spoken, write_secret

_MODE: Final = 0o400


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    """`earlier`: the ids of the keys whose place this one took, oldest first."""

    key: UUID
    private: bytes
    earlier: tuple[UUID, ...] = ()

    def __repr__(self) -> str:
        """Without the key."""
        return f"_KeyFile(key={self.key!r})"


class SigningKeys:
    """Implements `server.secrets.rotation.KeyRing` over the file at `path` and one beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._staged = path.with_name(f"{path.name}.next")

    def load(self, signs: KeyId | None) -> Signer:
        """The key to sign with. `signs`: the one that the fleet row names.

        None: there is no fleet yet, and the key is staged until it is settled. A staged key that
        the fleet row names is settled, any other is dropped: it never signed. Raises `Corrupt`
        where a file is not a key, where the key is gone and a fleet relies on it, or where the
        fleet of a key is gone; `Refused` where others than its owner can read it.
        """
        if signs is None:
            self._check_none()
            return self.make()
        if not self._path.exists() or read_signer(self._path).key != signs:
            self._finish(signs)
        if not self._path.exists():
            raise Corrupt(
                f"the signing key {self._path} is gone",
                hint="restore it; without it no new mark can be signed, and no VM is harmed",
            )
        self._staged.unlink(missing_ok=True)
        return read_signer(self._path)

    def make(self) -> Signer:
        """As `KeyRing.make`."""
        if not self._staged.exists():
            earlier: tuple[UUID, ...] = ()
            if self._path.exists():
                present = read_signer(self._path)
                earlier = (*present.earlier, present.key)
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._staged, earlier)
        return read_signer(self._staged)

    def settle(self, key: KeyId) -> None:
        """As `KeyRing.settle`."""
        self._finish(key)
        if not self._path.exists() or read_signer(self._path).key != key:
            raise Corrupt(
                f"the staged signing key {spoken(self._staged)} is gone", hint="rotate again"
            )

    def _finish(self, key: KeyId) -> None:
        if self._staged.exists() and read_signer(self._staged).key == key:
            put_in_place(self._staged, self._path)

    def _check_none(self) -> None:
        """Refuse to found a fleet where a key says that there was one: every mark of it would be
        another fleet's."""
        if self._path.exists():
            raise Corrupt(
                f"there is the signing key of a fleet, {self._path}, and a database without one",
                hint="restore vmuster.db beside it; to found another fleet, whose VMs these are"
                f" not, move {self._path.parent} away first",
            )


def _write(path: Path, earlier: tuple[UUID, ...]) -> None:
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    content = _KeyFile(key=uuid4(), private=private, earlier=earlier)
    write_secret(path, msgspec.json.encode(content), _MODE)


def signer_of(content: bytes, name: str) -> Signer:
    """The key in a key file with this content. Raises `Corrupt`; `name`: what it is called."""
    try:
        found = msgspec.json.decode(content, type=_KeyFile)
        return Signer(KeyId(found.key), found.private, earlier=map(KeyId, found.earlier))
    except (msgspec.MsgspecError, ValueError) as error:
        raise Corrupt(f"{name} is not a signing key", hint="restore it from its copy") from error


def read_signer(path: Path) -> Signer:
    """The key in the key file at `path`. Raises `Corrupt` where it is none, `Refused` where others
    than its owner can read it."""
    check_secret(path, what="the signing key", harm="whoever has read it can sign marks")
    return signer_of(path.read_bytes(), spoken(path))
