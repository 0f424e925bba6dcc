"""What `find`, `count` and a place in an order mean in SQL, for every kind alike."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, false, func, or_, select, tuple_

from vmuster.model.rows import ORDER
from vmuster.stores.kinds import is_text, one_of, plain
from vmuster.stores.sql.rows import rows_of
from vmuster.stores.sql.tables import TABLES


def found(
    kind: type[msgspec.Struct],
    equal: Mapping[str, object],
    *,
    after: tuple[object, ...] = (),
    newest_first: bool = False,
) -> Select[Any]:
    """The rows of `kind` that the port's `find` speaks of, in their order."""
    columns = [TABLES[kind].c[field] for field in ORDER[kind]]
    statement = rows_of(kind).where(*_equal(kind, equal))
    if after:
        statement = statement.where(beyond(columns, plain(after), back=newest_first))
    return statement.order_by(*(each.desc() if newest_first else each.asc() for each in columns))


def counted(kind: type[msgspec.Struct], by: str, equal: Mapping[str, object]) -> Select[Any, int]:
    """How many rows of `kind` there are for each value of `by`."""
    column = TABLES[kind].c[by]
    return select(column, func.count()).where(*_equal(kind, equal)).group_by(column)


def beyond(
    columns: Sequence[ColumnElement[Any]], place: Sequence[object], *, back: bool = False
) -> ColumnElement[bool]:
    """Whether a row comes later than `place` in the order of `columns`, or earlier for `back`: one
    comparison of all of them, which an index on them serves."""
    there = tuple_(*place, types=[column.type for column in columns])
    return tuple_(*columns) < there if back else tuple_(*columns) > there


def _equal(kind: type[msgspec.Struct], equal: Mapping[str, object]) -> list[ColumnElement[bool]]:
    columns = TABLES[kind].c
    return [_is(columns[field], value) for field, value in equal.items()]


def _is(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    """Nothing equals text that no database holds."""
    values = one_of(value)
    if not isinstance(value, frozenset):
        return column == plain(value) if is_text(value) else false()
    among = column.in_([plain(each) for each in values if each is not None and is_text(each)])
    return or_(among, column.is_(None)) if None in values else among
