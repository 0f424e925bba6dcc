"""API keys as text, and the first one of a server's operator, in a file for its owner.

A key is `vmuster_`, 256 random bits, and a checksum: what looks for leaked secrets in repositories
and logs can tell one from other text without asking us.
"""

import asyncio
import secrets
import zlib
from pathlib import Path
from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Scope, key_digest
from vmuster.model.operations import AUTOMATIC
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.wiring.secrets.client_file import write_client, written_digest

ADMIN: Final = "admin"
_RANDOM_BYTES: Final = 32
_OURS: Final = frozenset({AUTOMATIC, ""})
"""Who has made the first key: it was not said in older databases."""


def fresh_key() -> str:
    """A new key: `vmuster_`, 43 urlsafe characters, and the CRC-32 of those as 8 hex digits."""
    secret = secrets.token_urlsafe(_RANDOM_BYTES)
    return f"vmuster_{secret}{zlib.crc32(secret.encode()):08x}"


async def ensure_admin_key(store: Store, clock: Clock, path: Path, url: str) -> None:
    """Have a client file with an admin key that is good; make a fresh one where there is none.

    Whoever may write the state folder may have one. One that a person revoked is not made again,
    as long as another is left. The file is written first, and nothing of it is believed that the
    database does not know: wherever this is cut short, the next start makes another.
    """
    known = await store.get(ApiKey, ADMIN)
    if known is None and await store.find(ApiKey, scope=Scope.ADMIN, expires_at=None, limit=1):
        return
    written = await asyncio.to_thread(written_digest, path)
    if known is not None and written is not None and await _may_stay(store, known, written):
        return
    key, now = fresh_key(), clock.now()
    fresh = ApiKey(
        name=ADMIN,
        digest=key_digest(key),
        created_at=now,
        created_by=AUTOMATIC,
    )
    entry = JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=AUTOMATIC,
        what=f"API key {ADMIN} was made, with scope {fresh.scope}, and written to {path.name}",
    )
    await asyncio.to_thread(write_client, path, {"url": url, "key": key})
    await store.commit((Changes(writes=(Write(before=known, after=fresh),), entries=(entry,)),))


async def _may_stay(store: Store, known: ApiKey, written: str) -> bool:
    """Whether a file stays as it is: its key is good, or a person has had a hand in it, be it in
    the file or in the key of this name."""
    if not written or known.created_by not in _OURS:
        return True
    return bool(await store.find(ApiKey, digest=written, limit=1))
