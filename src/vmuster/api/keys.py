"""Whose key a request bears: only digests are kept, and looked up (T13)."""

import hashlib

from vmuster.model.keys import ApiKey
from vmuster.ports.store import Store


async def actor_of_key(store: Store, authorization: str) -> str | None:
    """The name of the key in an `Authorization: Bearer` header; None where no such key is known.

    How long the look-up takes says something of a digest at most, and nobody can choose a key by
    its digest. Raises `Unavailable` where the database does not answer.
    """
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    digest = hashlib.sha256(key.strip().encode("utf-8", "surrogatepass")).hexdigest()
    known = await store.find(ApiKey, digest=digest, limit=1)
    return known[0].name if known else None
