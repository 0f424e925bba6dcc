"""Stored credentials: given once, kept sealed, never shown again.

A person gives a private key or a set of certificates; what is written is sealed with a key that
lies outside the database (T22), and what may be shown of it. It is opened again only where a
connection to a host is made.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vmuster.model.changes import Write
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Host, SshProfile, TlsProfile
from vmuster.model.keys import Credential, CredentialKind
from vmuster.model.reach import credential_flaw
from vmuster.model.text import bounded, visible
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.requests.amending import audited
from vmuster.server.secrets.secret_forms import taken

Sealable = Credential | Webhook
"""Rows that hold something sealed."""


class Sealer(Protocol):
    """Encrypts what only this installation may read."""

    def check(self, *, first: bool) -> None:
        """Raise what `seal` would; a key that it would make is not made."""
        ...

    def seal(self, row: Sealable, secret: bytes, *, first: bool) -> bytes:
        """The secret, sealed for this row, whose `sealed` is empty yet, and for no other.

        `first`: no other secret is sealed, so that a key may be made. Raises `Refused` or
        `Corrupt` where there is no key to seal with.
        """
        ...

    def open(self, row: Sealable) -> bytes:
        """What was sealed. Raises `Corrupt` where that can't be opened."""
        ...


class Credentials:
    """Takes a person's requests about credentials. Every one is audited."""

    def __init__(self, context: Context, sealer: Sealer) -> None:
        self._context = context
        self._sealer = sealer

    async def put(
        self, name: str, kind: CredentialKind, secret: bytes, *, actor: str
    ) -> Credential:
        """Keep a secret under a name; one of that name and kind is replaced, and hosts use the new
        one when they are connected to next.

        SSH: a private key without a passphrase. TLS: key, certificate and authority in PEM, one
        after the other.
        """
        if wrong := credential_flaw(name):
            raise Refused(wrong)
        known = await self._context.store.get(Credential, name)
        if known is not None and known.kind is not kind:
            raise Refused(f"{name} is a credential for {known.kind}", hint="choose another name")
        whole, public = taken(kind, secret)
        fresh = Credential(
            name=name, kind=kind, sealed=b"", public=public, created_at=self._context.clock.now()
        )
        first = not await sealed_besides(self._context.store, known)
        sealed = self._sealer.seal(fresh, whole, first=first)
        fresh = msgspec.structs.replace(fresh, sealed=sealed)
        done = "kept" if known is None else "replaced"
        kept = Write(before=known, after=fresh)
        said = f"credential {name} was {done}: {fresh.public}"
        await audited(self._context, kept, said, actor=actor)
        return fresh

    async def list_(self) -> Sequence[Credential]:
        """Every credential, sealed."""
        return await find_all(self._context.store, Credential, readable=True)

    async def remove(self, name: str, *, actor: str) -> None:
        """Forget a credential. Refused while a host is reached by it."""
        known = await self._context.store.get(Credential, name)
        if known is None:
            raise NotFound(
                f"there is no credential {visible(bounded(name, 80))}",
                hint="vmuster credential list",
            )
        used = [
            host.name for host in await find_all(self._context.store, Host) if _uses(host, name)
        ]
        if used:
            raise Refused(
                f"{len(used)} hosts are reached by credential {name}: {', '.join(used[:5])}",
                hint="give another key under the same name, or remove the hosts first",
            )
        gone = Write(before=known, after=None)
        await audited(self._context, gone, f"credential {name} was removed", actor=actor)


async def sealed_besides(store: Store, row: Sealable | None = None) -> bool:
    """Whether anything else is sealed, which a lost key would be needed for."""
    credentials = await find_all(store, Credential, readable=True)
    return any(
        each != row for each in (*credentials, *await find_all(store, Webhook, readable=True))
    )


def _uses(host: Host, name: str) -> bool:
    profile = host.profile
    return isinstance(profile, SshProfile | TlsProfile) and profile.credential == name
