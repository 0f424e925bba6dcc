"""Secrets, as recorded: of an API key only a hash is kept, the others are kept sealed."""

import hashlib
from enum import StrEnum
from typing import Final

import msgspec


class Scope(StrEnum):
    """What a key may do; each holds what stands before it.

    READ: ask. OPERATE: what an operator does in a night: requests about VMs, modes, held plans,
    arming. ADMIN: hosts, policies, keys, credentials: what changes what may be done at all.
    """

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    def covers(self, needed: "Scope") -> bool:
        """Whether a key of this scope may do what needs `needed`."""
        return _LADDER.index(self) >= _LADDER.index(needed)


_LADDER: Final = tuple(Scope)


def key_digest(text: str) -> str:
    """What is kept of an API key: SHA-256, 64 hex digits. Text that is none (a lone surrogate) has
    one too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: see `key_digest` (right for 256-bit random secrets, T13).
    A key that was revoked has no row. `last_used_at`: to about ten minutes."""

    name: str
    digest: str
    created_at: float
    scope: Scope = Scope.ADMIN
    created_by: str = ""
    expires_at: float | None = None
    last_used_at: float | None = None
    version: int = 0

    def expired(self, now: float) -> bool:
        """Whether it is over."""
        return self.expires_at is not None and now >= self.expires_at


class CredentialKind(StrEnum):
    """SSH: a private key. TLS: a client's certificate and key, and the authority to trust."""

    SSH = "ssh"
    TLS = "tls"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What opens a host to us. `sealed`: encrypted (AES-256-GCM, over the name and the kind too)
    with a key that lies outside the database; `public`: what may be shown of it (fingerprints)."""

    name: str
    kind: CredentialKind
    sealed: bytes
    public: str
    created_at: float
    version: int = 0

    def __repr__(self) -> str:
        """Without what is sealed: a log line is no place for it, encrypted or not."""
        return f"Credential(name={self.name!r}, kind={self.kind!r})"
