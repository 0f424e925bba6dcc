"""Whether the journal is as it was written: every entry in its place, and none changed since (T31).

Who can write to the database can make a journal that hangs together, with every hash computed anew.
What they can't know is a hash that somebody wrote down elsewhere: an anchor.
"""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from vmuster.model.errors import Corrupt
from vmuster.model.journal import FIRST_LINK, JournalEntry, link
from vmuster.ports.store import Store

_PAGE: Final = 1000

Anchor = tuple[int, str]
"""The id and the chain of an entry, as somebody wrote them down."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `entries`: how many follow on each other from the first one on; `head` and
    `chain`: the id and the hash of the last of them, to be written down as an anchor. `broken_at`:
    the first id at which something else stands than was written; None where there is none, or only
    the anchor is missing. `what`: what is wrong, empty where the journal is `sound`.
    """

    entries: int = 0
    head: int = 0
    chain: str = FIRST_LINK
    sound: bool = True
    broken_at: int | None = None
    what: str = ""


_NOTHING: Final = Verdict()
"""The verdict on a journal of which nothing was read yet."""


async def verify(
    store: Store, anchor: Anchor | None, *, begun: Verdict = _NOTHING, most: int | None = None
) -> Verdict:
    """Read the journal, compute each link anew, and look for the `anchor` on the way.

    Of a long one, some at a time: `begun` is the sound verdict on what was read before, and at
    most `most` further entries are read.
    """
    good = begun
    met = anchor is None or anchor == (good.head, good.chain) or anchor[0] < good.head
    try:
        async for entry in _entries(store, begun.head):
            if entry.chain != link(good.chain, entry):
                return _broken(good, _unlinked(good.head, entry))
            good = Verdict(entries=good.entries + 1, head=entry.id, chain=entry.chain)
            met = met or anchor == (good.head, good.chain)
            if most is not None and good.entries - begun.entries >= most:
                met = met or (anchor is not None and anchor[0] > good.head)
                break
    except Corrupt as error:
        return _broken(good, error.message)
    if anchor is not None and not met:
        return msgspec.structs.replace(good, sound=False, what=_unmet(good.head, anchor))
    return good


async def _entries(store: Store, after_id: int) -> AsyncIterator[JournalEntry]:
    """Every entry after that one, in order, up to the first that can't be read; raises `Corrupt`
    there."""
    after, limit = (after_id,) if after_id else (), _PAGE
    while True:
        try:
            page = await store.find(JournalEntry, after=after, limit=limit)
        except Corrupt:
            if limit == 1:
                raise
            limit = 1  # one by one, to come as far as the one that is damaged
            continue
        for entry in page:
            yield entry
        if len(page) < limit:
            return
        after = (page[-1].id,)


def _broken(good: Verdict, what: str) -> Verdict:
    return msgspec.structs.replace(good, sound=False, broken_at=good.head + 1, what=what)


def _unlinked(last: int, entry: JournalEntry) -> str:
    """What is said of an entry that does not follow on the one before it."""
    if entry.id == last + 1:
        return f"journal entry {entry.id} is not the one that was written"
    return (
        f"journal entry {entry.id} does not follow on {last or 'nothing'}: "
        "what stood between them was removed, or it is not the one that was written"
    )


def _unmet(head: int, anchor: Anchor) -> str:
    number, _ = anchor
    if number > head:
        return f"the journal ends at {head}, before entry {number} that was written down"
    return f"entry {number} is not the one that was written down: this is another journal"
