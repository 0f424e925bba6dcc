"""The first API key of a server's operator: made at the first start, in a file for its owner."""

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.keys import ApiKey
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.wiring.secret_files import write_secret

ADMIN: Final = "admin"


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
    await asyncio.to_thread(write_secret, path, content.encode(), 0o600)
