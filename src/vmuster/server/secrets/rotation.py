"""A new signing key, in steps that a crash may part: none leaves marks that nobody can check.

    1  the new key is staged, durably, beside the old one      a start drops it
    2  the fleet row names it, with its public half            a start settles it
    3  agents are told of it, before anything signed by it     a conversation begins with the keys
    4  it takes the old one's place                            a start finds it there
    5  it signs

The new key signs nothing before 4: a database from before 2 that is restored is known for what it
is by the key that it finds. Marks and grants of the earlier keys stay good: their public halves
stay known for ever.
"""

from typing import Protocol

import msgspec

from vmuster.model.host import Fleet, Host
from vmuster.model.ids import KeyId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import fleet_now
from vmuster.server.requests.amending import amend
from vmuster.server.requests.quarantine import check_open
from vmuster.server.secrets.signing import Signer


class KeyRing(Protocol):
    """Where signing keys lie: outside the database and its backups. May block."""

    def make(self) -> Signer:
        """The staged key; where there is none, a new one, which is durable when this returns."""
        ...

    def settle(self, key: KeyId) -> None:
        """Make the staged key `key` the one that is loaded at a start; settled already is done."""
        ...


async def rotate(
    context: Context, keyring: KeyRing, conversations: Conversations, *, actor: str
) -> Fleet:
    """Sign with a new key from now on; returns the fleet, which names it.

    A rotation that was begun and not finished is finished, and no other is begun.
    """
    check_open(context)
    store = context.store
    signer = keyring.make()

    def change(fleet: Fleet) -> Fleet:
        keys = fleet.public_keys | {str(signer.key): signer.public}
        return msgspec.structs.replace(fleet, key=signer.key, public_keys=keys)

    def entry(before: Fleet) -> JournalEntry:
        return JournalEntry(
            at=context.clock.now(),
            kind=EntryKind.AUDIT,
            actor=actor,
            what=f"the signing key was changed: {before.key} → {signer.key}",
        )

    context.fleet = await amend(store, lambda: fleet_now(store), change, entry)
    for host in await find_all(store, Host, readable=True):
        conversations.settings_changed(host.id)
    keyring.settle(signer.key)
    context.signer = signer
    return context.fleet
