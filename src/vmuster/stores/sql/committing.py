"""Sets of changes in one transaction, each whole or not at all: a savepoint around each."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.changes import Changes
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import settle
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.journaling import JournalEnd
from vmuster.stores.sql.writing import write


async def commit_sets(
    connection: AsyncConnection, dialect: Dialect, changes: Sequence[Changes]
) -> list[str]:
    """Write each set, in their order; for each the reason why not, or "". The transaction is its
    owner's to end."""
    journal = JournalEnd(connection)
    return [await _commit_one(connection, dialect, journal, one) for one in changes]


async def _commit_one(
    connection: AsyncConnection, dialect: Dialect, journal: JournalEnd, changes: Changes
) -> str:
    """Write one set in a savepoint of its own; the reason why not, or ""."""
    try:
        settled = settle(changes)
        try:
            await _attempt(connection, dialect, journal, settled, together=True)
        except Refusal as refusal:
            if refusal.exact:
                raise
            await _attempt(connection, dialect, journal, settled, together=False)
    except Refusal as refusal:
        return refusal.reason
    return ""


async def _attempt(
    connection: AsyncConnection,
    dialect: Dialect,
    journal: JournalEnd,
    changes: Changes,
    *,
    together: bool,
) -> None:
    """Write `changes`, or raise `Refusal` and leave the transaction as it was.

    Any other error ends the whole transaction, and the savepoint is not touched: a database
    that ran out of room has ended both by itself, and would only complain about the savepoint.
    """
    savepoint = await connection.begin_nested()
    try:
        await write(connection, dialect, journal, changes, together=together)
    except Refusal:
        await savepoint.rollback()
        raise
    await savepoint.commit()
