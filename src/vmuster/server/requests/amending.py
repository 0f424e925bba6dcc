"""One row, changed by a person while passes may write it too: read, changed, written, or again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.ports.store import Store

Row = TypeVar("Row", Fleet, Cluster, Host, HeldPlan)


async def amend(
    store: Store,
    read: Callable[[], Awaitable[Row]],
    change: Callable[[Row], Row],
    entry: Callable[[Row], JournalEntry],
) -> Row:
    """The row that `read` gives, as `change` makes it of the one there is; and a journal entry.

    Where somebody wrote the row in between, it is read and changed anew: `change` refuses what it
    can't be applied to any more. What changes nothing is not written. `entry` is given the row as
    it was. Raises `Refused` where the store refuses for any other reason.
    """
    while True:
        before = await read()
        after = change(before)
        if after == before:
            return before
        changes = Changes(writes=(Write(before=before, after=after),), entries=(entry(before),))
        (refused,) = await store.commit((changes,))
        now = await read()
        if not refused:
            return now
        if now.version == before.version:
            raise Refused(refused)
