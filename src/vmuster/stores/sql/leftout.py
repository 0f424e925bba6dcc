"""Rows that can't be read and that somebody can do without: left out, noted, and said."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import structlog

from vmuster.model.errors import Corrupt
from vmuster.model.rows import KEYS
from vmuster.ports.store import Row
from vmuster.stores.sql.rows import from_row

_log = structlog.get_logger("vmuster.store")
_T = TypeVar("_T")
_Read = TypeVar("_Read")
_LEFT_OUT_MAX: Final = 100
"""Rows left out that are kept in mind: a person has heard enough then."""


class LeftOut:
    """The rows that were left out, by kind and key."""

    def __init__(self) -> None:
        self._noted: set[tuple[type[Any], tuple[object, ...]]] = set()

    def readable(self, kind: type[Row], row: Sequence[Any]) -> Row | None:
        """The value in `row`; None where it can't be read, which is noted, and logged once."""
        try:
            return from_row(kind, row)
        except Corrupt as error:
            fields = dict(zip(kind.__struct_fields__, row, strict=False))
            noted = kind, tuple(fields[field] for field in KEYS[kind])
            if noted not in self._noted:
                _log.error("left out", why=error.message, hint=error.hint)
            if len(self._noted) < _LEFT_OUT_MAX:
                self._noted.add(noted)
            return None

    def noted(self) -> Sequence[tuple[type[Any], tuple[object, ...]]]:
        """Which rows were left out."""
        return sorted(self._noted, key=str)

    def forget(self, kind: type[Any], key: tuple[object, ...]) -> None:
        """Note that this row can be read again, or is gone."""
        self._noted.discard((kind, key))


def filled(
    limit: int, ask: Callable[[int], Sequence[_Read]], value: Callable[[_Read], _T | None]
) -> list[_T]:
    """`limit` values of what `ask` gives at most so many of; in the place of those that can't be
    read it is asked for more."""
    asked = limit
    while True:
        rows = ask(asked)
        values = [each for row in rows if (each := value(row)) is not None]
        if len(values) >= limit or len(rows) < asked:
            return values[:limit]
        asked += limit - len(values)
