"""API keys as text, and the first one of a server's operator, in a file for its owner.

A key is `vmuster_`, 256 random bits, and a checksum: what looks for leaked secrets in repositories
and logs can tell one from other text without asking us.
"""

import asyncio
import hashlib
import secrets
import zlib
from pathlib import Path
from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.operations import AUTOMATIC
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.wiring.secret_files import write_secret

ADMIN: Final = "admin"
_RANDOM_BYTES: Final = 32


def fresh_key() -> str:
    """A new key: `vmuster_`, 43 urlsafe characters, and the CRC-32 of those as 8 hex digits."""
    secret = secrets.token_urlsafe(_RANDOM_BYTES)
    return f"vmuster_{secret}{zlib.crc32(secret.encode()):08x}"


async def ensure_admin_key(store: Store, clock: Clock, path: Path, url: str) -> None:
    """Write a client file with a fresh admin key where there is none; keep its digest.

    Whoever may write the state folder may have one. One that a person revoked is not made again,
    as long as another is left.
    """
    known = await store.get(ApiKey, ADMIN)
    if known is None and await store.find(ApiKey, scope=Scope.ADMIN, expires_at=None, limit=1):
        return
    if known is not None and await asyncio.to_thread(path.exists):
        return
    key, now = fresh_key(), clock.now()
    fresh = ApiKey(
        name=ADMIN,
        digest=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now,
        created_by=AUTOMATIC,
    )
    entry = JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=AUTOMATIC,
        what=f"API key {ADMIN} was made, with scope {fresh.scope}, and written to {path.name}",
    )
    await store.commit((Changes(writes=(Write(before=known, after=fresh),), entries=(entry,)),))
    content = f'url = "{url}"\nkey = "{key}"\n'
    await asyncio.to_thread(write_secret, path, content.encode(), 0o600)
