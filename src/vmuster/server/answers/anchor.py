"""The head of the journal: written down elsewhere, it holds everything before it in its place."""

import msgspec

from vmuster.model.journal import FIRST_LINK, JournalEntry
from vmuster.ports.store import Store


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry of the journal: its number, its hash, when it was written, and both as an
    `anchor`, ID:HASH. Of an empty journal the number is 0."""

    id: int
    chain: str
    at: float
    anchor: str


async def head(store: Store) -> Head:
    """The head of the journal as it is now."""
    last = await store.find(JournalEntry, limit=1, newest_first=True)
    number, chain, at = (last[0].id, last[0].chain, last[0].at) if last else (0, FIRST_LINK, 0.0)
    return Head(id=number, chain=chain, at=at, anchor=f"{number}:{chain}")
