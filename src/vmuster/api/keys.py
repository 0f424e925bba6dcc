"""Whose key a request bears: only digests are kept, and compared in constant time (T13)."""

import hashlib
import hmac

from vmuster.model.keys import ApiKey
from vmuster.ports.store import Store


async def actor_of_key(store: Store, authorization: str) -> str | None:
    """The name of the key in an `Authorization: Bearer` header; None where no such key is known.

    Every known key is compared, so that the time taken does not tell which one came close.
    Raises `Unavailable` where the database does not answer.
    """
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    digest = hashlib.sha256(key.strip().encode("utf-8", "surrogatepass")).hexdigest()
    matching = [
        known.name
        for known in await store.find(ApiKey)
        if hmac.compare_digest(known.digest.encode(), digest.encode())
    ]
    return matching[0] if matching else None
