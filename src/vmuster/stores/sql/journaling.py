"""The end of the journal, and what is put there, within one transaction that may write.

It is read once in a transaction, and not kept after it: another process may write between two.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from vmuster.model.journal import JournalEntry
from vmuster.stores.chaining import EMPTY, End, chained
from vmuster.stores.kinds import is_text
from vmuster.stores.sql.rows import to_row
from vmuster.stores.sql.statements import Deed, Statements
from vmuster.stores.sql.tables import JOURNAL

_END = select(JOURNAL.c.id, JOURNAL.c.chain).order_by(JOURNAL.c.id.desc()).limit(1)


class JournalEnd:
    """Where the journal ends on this connection. What is put there is the last thing of its sets to
    be written, so that none is refused after it and its ids are never taken back."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection = connection
        self._insert = statements.get(JournalEntry, Deed.INSERT)
        self._end: End | None = None

    def put(self, entries: Sequence[JournalEntry]) -> None:
        """Write settled `entries`, if there are any, with their ids and links."""
        if not entries:
            return
        numbered = list(chained(self._end or self._read(), entries))
        rows = [self._insert.pick(to_row(entry)) for entry in numbered]
        self._connection.exec_driver_sql(self._insert.text, rows)
        self._end = (numbered[-1].id, numbered[-1].chain)

    def _read(self) -> End:
        """A damaged link stops nobody who has something to write; verification finds it."""
        found = self._connection.execute(_END).first()
        if found is None:
            return EMPTY
        return found.id, found.chain if is_text(found.chain) else ""
