"""Secrets at rest, of credentials and webhooks: sealed with a key in a file outside the database
and its backups (T22).

AES-256-GCM; what else the row says is authenticated with the secret, so that neither can be put
beside another. What is sealed says by which key: a lost key is told from a damaged row. A lost key
is replaced by nobody but a person, who may still find it: what is sealed by either would be lost
to the other.
"""

import os
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vmuster.model.errors import Corrupt, Refused
from vmuster.model.webhooks import Webhook
from vmuster.server.secrets.credentials import Sealable
from vmuster.wiring.secrets.secret_files import check_secret, spoken, write_secret

_log = structlog.get_logger("vmuster.sealing")
_CONTEXT: Final = b"vmuster-credential-1\0"
_WEBHOOK: Final = b"vmuster-webhook-1\0"
_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_KEY_BITS: Final = 256
_ANEW: Final = (
    "give anew what it sealed: vmuster credential add NAME; vmuster webhook remove NAME and"
    " vmuster webhook add NAME URL"
)
_AGAIN: Final = f"restore it, or {_ANEW}"


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    key: bytes

    def __repr__(self) -> str:
        return f"_KeyFile(id={self.id})"


class FileSealer:
    """Implements `server.secrets.credentials.Sealer`. The key file at `path` is made when first
    used; an empty one is a person's word that the key is lost for good, and filled with a new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self, *, first: bool) -> None:
        """As `Sealer.check`."""
        if not self._makes_one(first=first):
            self._there()

    def seal(self, row: Sealable, secret: bytes, *, first: bool) -> bytes:
        """The id of the key, the nonce, and the encrypted secret."""
        if self._makes_one(first=first):
            self._make()
        file = self._there()
        nonce = os.urandom(_NONCE_BYTES)
        locked = AESGCM(file.key).encrypt(nonce, secret, _bound_to(row))
        return file.id.bytes + nonce + locked

    def _there(self) -> _KeyFile:
        """The key to seal with. Raises `Refused` where it is gone."""
        if not self._path.exists():
            raise Refused(
                f"the key {spoken(self._path)} is gone, by which other secrets are sealed",
                hint="restore it in the server's state folder; where it is lost for good, put an"
                f" empty file in its place, and {_ANEW}",
            )
        return self._load()

    def open(self, row: Sealable) -> bytes:
        """What was sealed. Raises `Corrupt` where the key is gone or another, or the row is not as
        it was written; `Refused` where others can read the key."""
        if not self._path.exists():
            raise Corrupt(
                f"the key {spoken(self._path)} that opens what is sealed is gone", hint=_AGAIN
            )
        file, sealed = self._load(), row.sealed
        start = _ID_BYTES + _NONCE_BYTES
        if sealed[:_ID_BYTES] != file.id.bytes:
            raise Corrupt(
                f"{_word(row)} {row.name} was sealed with another key than {spoken(self._path)}",
                hint=_AGAIN,
            )
        try:
            bound = _bound_to(row)
            return AESGCM(file.key).decrypt(sealed[_ID_BYTES:start], sealed[start:], bound)
        except (InvalidTag, ValueError):
            raise Corrupt(
                f"{_word(row)} {row.name} is not as it was sealed",
                hint=f"give it anew: {_again(row)}",
            ) from None

    def _makes_one(self, *, first: bool) -> bool:
        if not self._path.exists():
            return first
        return not self._path.stat().st_size

    def _make(self) -> None:
        file = _KeyFile(id=uuid4(), key=AESGCM.generate_key(_KEY_BITS))
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(self._path, msgspec.json.encode(file), 0o400)
        _log.warning("a new key seals credentials", id=str(file.id), path=str(self._path))

    def _load(self) -> _KeyFile:
        check_secret(
            self._path,
            what="the key of the credentials",
            harm="whoever has read it can open credentials",
        )
        try:
            file = msgspec.json.decode(self._path.read_bytes(), type=_KeyFile)
            _ = AESGCM(file.key)
        except (msgspec.MsgspecError, ValueError):
            raise Corrupt(f"{spoken(self._path)} is no key of credentials", hint=_AGAIN) from None
        return file


def _bound_to(row: Sealable) -> bytes:
    """What of the row is authenticated with its secret: whoever changes it loses the secret."""
    if isinstance(row, Webhook):
        return _WEBHOOK + msgspec.json.encode((row.name, row.url, row.created_at))
    return _CONTEXT + msgspec.json.encode((row.name, row.kind, row.public, row.created_at))


def _word(row: Sealable) -> str:
    return "webhook" if isinstance(row, Webhook) else "credential"


def _again(row: Sealable) -> str:
    """How a row is given anew: one is replaced, the other is never overwritten."""
    if isinstance(row, Webhook):
        return f"vmuster webhook remove {row.name}; vmuster webhook add {row.name} URL"
    return f"vmuster credential add {row.name}"
