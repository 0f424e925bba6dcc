"""Host keys, as the faces see them: what a host shows, and what is known of it already."""

import base64
import hashlib
from typing import Protocol

import msgspec


class HostKey(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is what an ssh profile pins ("type base64"); `fingerprint` is what people compare."""

    type: str
    key: str
    fingerprint: str


class KeyScan(Protocol):
    """Both raise `Refused` for what is no address."""

    async def scan(self, address: str, port: int) -> tuple[HostKey, ...]:
        """The keys that the host shows now, the best kind first; at least one. `Unavailable` where
        it shows none in time. That it is shown does not make a key the right one."""
        ...

    async def known(self, address: str, port: int) -> tuple[HostKey, ...]:
        """The keys by which the user that the server runs as knows the host; there may be none."""
        ...


def host_key(key: str) -> HostKey:
    """A public key ("type base64", see `model.reach`) with its fingerprint, as ssh writes it."""
    kind, _, encoded = key.partition(" ")
    digest = hashlib.sha256(base64.b64decode(encoded)).digest()
    fingerprint = "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")
    return HostKey(type=kind, key=key, fingerprint=fingerprint)
