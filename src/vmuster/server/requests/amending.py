"""What is decided on rows that others may write too: read, decided, written; or all of it again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.ports.store import Store
from vmuster.server.context import Context

Row = TypeVar("Row", Fleet, Cluster, Host, HeldPlan)
_Read = TypeVar("_Read")
Expected = Callable[[Fleet | Cluster | Host], None]
"""Raises where a row is not as it was when somebody decided to change it."""


def anything(_row: Fleet | Cluster | Host) -> None:
    """However the row is, it may be changed."""


async def decided(
    store: Store,
    read: Callable[[], Awaitable[_Read]],
    decide: Callable[[_Read], Changes | None],
) -> _Read:
    """What `read` gave, and `decide` made changes of that are written now; None: there are none.

    Where somebody wrote in between, it is read and decided anew: `decide` refuses what can't be
    done any more. Raises `Refused` where the store refuses for any other reason.
    """
    refused, earlier = "", None
    while True:
        now = await read()
        if refused and now == earlier:
            raise Refused(refused)
        changes = decide(now)
        if changes is None:
            return now
        earlier = now
        (refused,) = await store.commit((changes,))
        if not refused:
            return now


async def amend(
    store: Store,
    read: Callable[[], Awaitable[Row]],
    change: Callable[[Row], Row],
    entry: Callable[[Row], JournalEntry],
) -> Row:
    """The row that `read` gives, as `change` makes it of the one there is; and a journal entry.

    As `decided`. What changes nothing is not written. `entry` is given the row as it was.
    """

    def changes(before: Row) -> Changes | None:
        after = change(before)
        if after == before:
            return None
        return Changes(writes=(Write(before=before, after=after),), entries=(entry(before),))

    await decided(store, read, changes)
    return await read()


async def write(store: Store, change: Write, entry: JournalEntry) -> None:
    """Write one row, and what the journal says of it. Raises `Refused` where the store refuses."""
    (refused,) = await store.commit((Changes(writes=(change,), entries=(entry,)),))
    if refused:
        raise Refused(refused)


async def audited(context: Context, change: Write, what: str, *, actor: str) -> None:
    """As `write`; the entry says that `actor` did `what`, now."""
    entry = JournalEntry(at=context.clock.now(), kind=EntryKind.AUDIT, actor=actor, what=what)
    await write(context.store, change, entry)
