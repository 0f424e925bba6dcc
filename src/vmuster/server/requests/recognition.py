"""Who a host is: a person's word for a host that introduced itself as somebody else.

A host whose uuid changed, or whose uuid tells it from no other, gives no account until a person
has looked. What is accepted is exactly the uuid that was shown: a third one is refused anew.
"""

from typing import Protocol

import msgspec

from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.context import Context
from vmuster.server.references import host_now
from vmuster.server.requests.amending import amend


class Introductions(Protocol):
    """The conversations, as far as one of them can be begun anew."""

    async def introduce(self, host: HostId) -> None:
        """End the conversation with `host`, and begin one: it introduces itself again."""
        ...


async def accept(
    context: Context, conversations: Introductions, host: Host, uuid: HostUuid, *, actor: str
) -> Host:
    """Take `host` for the one that says that it is `uuid`, and talk to it anew.

    Accepted already is accepted. Raises `Refused` where the host did not say so, or where another
    host is known by this uuid.
    """
    store = context.store
    twins = [twin for twin in await store.find(Host, uuid=uuid, limit=1) if twin.id != host.id]
    if twins:
        raise Refused(
            f"{uuid} is the host that is already known as {twins[0].name}",
            hint=f"vmuster host remove {host.name}, or give its libvirtd a host_uuid of its own",
        )

    def change(now: Host) -> Host:
        if uuid not in (now.claims, now.accepted):
            shown = f"it says that it is {now.claims}" if now.claims else "it claims nothing"
            raise Refused(
                f"host {now.name} does not say that it is {uuid}: {shown}",
                hint=f"vmuster host show {now.name}",
            )
        return msgspec.structs.replace(now, accepted=uuid, claims=None)

    def entry(before: Host) -> JournalEntry:
        return JournalEntry(
            at=context.clock.now(),
            kind=EntryKind.AUDIT,
            actor=actor,
            what=f"host {before.name} was accepted as {uuid}; it was {before.uuid or 'unknown'}",
            host=before.id,
        )

    after = await amend(store, lambda: host_now(store, host.id), change, entry)
    await conversations.introduce(host.id)
    return after
