"""API keys, as recorded: only a hash is kept."""

import msgspec


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: SHA-256 of the key, 64 hex digits (right for 256-bit random secrets, T13)."""

    name: str
    digest: str
    created_at: float
    version: int = 0
