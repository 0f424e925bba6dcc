"""Secrets, as recorded: of an API key only a hash is kept, a credential is kept sealed."""

from enum import StrEnum

import msgspec


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: SHA-256 of the key, 64 hex digits (right for 256-bit random secrets, T13)."""

    name: str
    digest: str
    created_at: float
    version: int = 0


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
