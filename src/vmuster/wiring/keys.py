"""The two secrets of a server: its signing key, and the first API key of its operator.

The signing key lies in a 0400 file outside the database and its backups: a stolen backup can't
sign, and losing the key stops no VM.
"""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Refused
from vmuster.model.ids import KeyId
from vmuster.model.keys import ApiKey
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.signing import Signer

ADMIN: Final = "admin"
_OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    key: UUID
    private: bytes


def load_signer(path: Path, *, may_make: bool) -> Signer:
    """The signer in the file at `path`; a new one where there is no file and `may_make` allows it.

    Raises `Corrupt` where the file is not a key, or where it is gone and a fleet relies on it;
    `Refused` where others than its owner can read it.
    """
    if not path.exists():
        if not may_make:
            raise Corrupt(
                f"the signing key {path} is gone",
                hint="restore it; without it no new mark can be signed, and no VM is harmed",
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        _write_secret(path, msgspec.json.encode(_KeyFile(key=uuid4(), private=private)), 0o400)
    if path.stat().st_mode & _OTHERS:
        raise Refused(
            f"others can read or write the signing key {path}",
            hint=f"chmod 0400 {path}; whoever has read it can sign marks",
        )
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_KeyFile)
        return Signer(KeyId(found.key), found.private)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Corrupt(f"{path} is not a signing key", hint="restore it from its copy") from error


async def ensure_admin_key(store: Store, clock: Clock, path: Path, url: str) -> None:
    """Write a client file with a fresh admin key where there is none; keep its digest."""
    known = await store.get(ApiKey, ADMIN)
    if known is not None and await asyncio.to_thread(path.exists):
        return
    key = f"vmuster_{secrets.token_urlsafe(32)}"
    fresh = ApiKey(
        name=ADMIN, digest=hashlib.sha256(key.encode()).hexdigest(), created_at=clock.now()
    )
    await store.commit((Changes(writes=(Write(before=known, after=fresh),)),))
    content = f'url = "{url}"\nkey = "{key}"\n'
    await asyncio.to_thread(_write_secret, path, content.encode(), 0o600)


def _write_secret(path: Path, content: bytes, mode: int) -> None:
    """Write a file that nobody else can ever have read, all of it or nothing."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
