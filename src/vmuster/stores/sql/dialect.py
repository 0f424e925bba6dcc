"""What the SQL store must know of the database beneath it, beyond the SQL that all share."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from sqlalchemy import Insert, Table
from sqlalchemy.exc import DBAPIError, IntegrityError

from vmuster.model.errors import VmusterError


class Dialect(Protocol):
    def upsert(self, table: Table, values: Mapping[str, Any], kept: Collection[str]) -> Insert:
        """An INSERT of these `values`, by the names of their columns, that overwrites the row with
        the same primary key; what it has in the columns of `kept` stays."""
        ...

    def violated(self, error: IntegrityError) -> tuple[str, ...] | None:
        """The columns whose uniqueness was broken; () for a reference, None for any other rule."""
        ...

    def translate(self, error: DBAPIError | UnicodeDecodeError) -> VmusterError | None:
        """`error` as `Unavailable` or `Corrupt`; None for a mistake of ours, raised as it is."""
        ...
