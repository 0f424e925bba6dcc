"""Entries put to the end of the journal: each gets the next id, and its link to the one before."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from vmuster.model.journal import FIRST_LINK, JournalEntry, link

End = tuple[int, str]
"""The id and the chain of the last entry."""

EMPTY: Final[End] = (0, FIRST_LINK)
"""The end of a journal without entries."""


def chained(end: End, entries: Iterable[JournalEntry]) -> Iterator[JournalEntry]:
    """Settled `entries` as they follow on `end`, in their order."""
    number, before = end
    for entry in entries:
        number += 1
        # -0.0 becomes 0.0, as SQLite makes of it: the link is over what will be read back.
        numbered = msgspec.structs.replace(entry, id=number, at=entry.at + 0.0)
        before = link(before, numbered)
        yield msgspec.structs.replace(numbered, chain=before)
