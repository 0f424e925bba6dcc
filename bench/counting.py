"""Statements and commits, counted where they go to the database, on every engine of this process.

A savepoint and its release are no statements here, nor is the beginning of a transaction: what is
counted are questions and writes, by the table that each speaks of, however many rows it is for.
"""

import re
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, event

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)
_NONE: Final = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "PRAGMA")


class Counts:
    """What went to the database: `statements` by table, and `commits` that wrote something."""

    def __init__(self) -> None:
        self.statements: Counter[str] = Counter()
        self.commits = 0
        self._wrote = False

    def statement(self, text: str) -> None:
        """One statement."""
        first = text.split(None, 1)[0].upper()
        if first in _NONE:
            return
        found = _TABLE.search(text)
        self.statements[found[1] if found else "?"] += 1
        self._wrote = self._wrote or first != "SELECT"

    def commit(self) -> None:
        """One end of a transaction; one that wrote nothing is none."""
        self.commits += self._wrote
        self._wrote = False

    @property
    def most(self) -> int:
        """The statements about the kind of row that takes most of them."""
        return max(self.statements.values(), default=0)


@contextmanager
def counting() -> Generator[Counts]:
    """Count what happens inside."""
    counts = Counts()

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counts.statement(statement)

    def on_commit(_connection: Any) -> None:
        counts.commit()

    listeners = (("before_cursor_execute", on_statement), ("commit", on_commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield counts
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)
