"""The end of the journal, and what is put there, within one transaction that may write.

It is read once in a transaction, and not kept after it: another process may write between two.
"""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.journal import JournalEntry
from vmuster.stores.chaining import EMPTY, End, chained
from vmuster.stores.kinds import is_text
from vmuster.stores.sql.rows import to_row
from vmuster.stores.sql.tables import JOURNAL

_END = select(JOURNAL.c.id, JOURNAL.c.chain).order_by(JOURNAL.c.id.desc()).limit(1)
_INSERT = insert(JOURNAL)


class JournalEnd:
    """Where the journal ends on this connection. What is put there is the last thing of its set to
    be written, so that no set is refused after it and its ids are never taken back."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._end: End | None = None

    async def put(self, entries: Sequence[JournalEntry]) -> None:
        """Write settled `entries`, if there are any, with their ids and links."""
        if not entries:
            return
        end = self._end or await self._read()
        numbered = list(chained(end, entries))
        await self._connection.execute(_INSERT, [to_row(entry) for entry in numbered])
        self._end = (numbered[-1].id, numbered[-1].chain)

    async def _read(self) -> End:
        """A damaged link stops nobody who has something to write; verification finds it."""
        found = (await self._connection.execute(_END)).first()
        if found is None:
            return EMPTY
        return found.id, found.chain if is_text(found.chain) else ""
