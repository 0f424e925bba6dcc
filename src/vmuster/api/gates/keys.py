"""Whose key a request bears: only digests are kept, and looked up at every request (T13).

Nothing is remembered between two requests: a key that was revoked, or is over, opens nothing from
that moment on.
"""

from vmuster.model.keys import ApiKey, key_digest
from vmuster.ports.store import Store


async def key_of(store: Store, authorization: str, now: float) -> ApiKey | None:
    """The key in an `Authorization: Bearer` header; None where no such key is known and good.

    How long the look-up takes says something of a digest at most, and nobody can choose a key by
    its digest. Raises `Unavailable` where the database does not answer.
    """
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    known = await store.find(ApiKey, digest=key_digest(key.strip()), limit=1)
    return known[0] if known and not known[0].expired(now) else None
