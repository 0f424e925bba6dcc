"""Every row, however many: for where a row left out is a host not told, or an order not closed."""

from collections.abc import Sequence
from typing import Any, Final

from vmuster.ports.store import Row, Store

FIRST: Final = 1000
"""Rows asked for at first; a fleet seldom has more of them for one host or cluster."""
_MORE: Final = 16
"""So many times more are asked for next: what is read again is a small part of all."""


async def find_all(
    store: Store, kind: type[Row], /, *, at_first: int = FIRST, **equal: Any
) -> Sequence[Row]:
    """As `Store.find`, without an end: asked again for more as long as it gives all it may.

    `at_first`: rows asked for at first, for whoever knows about how many there are.
    """
    limit = at_first
    while len(rows := await store.find(kind, limit=limit, **equal)) == limit:
        limit *= _MORE
    return rows
