"""The statements that write, in the words of one database, each made once.

What is written is a list of tuples in the order of the columns, so that neither the statement nor a
row is looked at again on the way to the driver. Parameters must be positional in those words.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    Delete,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy import Dialect as SqlDialect
from sqlalchemy.sql.visitors import iterate

from vmuster.model.rows import KEYS
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.rows import column_names
from vmuster.stores.sql.tables import HOST, MOVING, SIGHTING, TABLES


class Deed(IntEnum):
    """What is done to rows; in the order in which it is done to those of many sets of changes."""

    INSERT = 1
    TOUCH = 2
    UPDATE = 3
    DELETE = 4
    UPSERT = 5
    DROP = 6


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`text` for the driver; `pick`: what it takes of the values that it is given for a row."""

    text: str
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]


_MOVING: Final = frozenset((*MOVING, SIGHTING.c.power))
_LOOKED_UP: Final = {
    SIGHTING.c.cluster: func.coalesce(
        select(HOST.c.cluster).where(HOST.c.id == bindparam("host")).scalar_subquery(),
        literal_column("''"),
    )
}
"""Columns that no value has: the database looks them up as a row is inserted, by what is inserted
with it, and they stay. Where there is no such host, the row is refused for that."""


def _found_by(kind: type[msgspec.Struct]) -> Sequence[str]:
    table = TABLES[kind]
    within = chain.from_iterable(
        (*index.columns, *chain.from_iterable(map(iterate, index.dialect_kwargs.values())))
        for index in table.indexes
    )
    indexed = {each.name for each in within if isinstance(each, Column) and each not in _MOVING}
    found_by = {*KEYS[kind], *indexed}
    return [name for name in column_names(kind) if name in found_by]


FOUND_BY: Final = {kind: _found_by(kind) for kind in KINDS}
"""Kind → the columns by which its rows are found: the key, and what any index is made of, its
condition included, but for what moves with nearly every write; so also all that what must be unique
depends on."""
_KEY: Final = "key_"
"""Prefix of the parameters that say which row is meant; bare column names are new values."""
_VERSION: Final = "version"


class Statements:
    """Statements in the words of `sql`; `dialect` knows those that databases do not share."""

    def __init__(self, dialect: Dialect, sql: SqlDialect) -> None:
        self._dialect = dialect
        self._sql = sql
        self._made = dict[tuple[type[msgspec.Struct], Deed], Statement]()

    def get(self, kind: type[msgspec.Struct], deed: Deed) -> Statement:
        """What does `deed` to rows of `kind`.

        INSERT and UPSERT, which overwrites a row with the same key, are given the columns of a row
        (`rows.to_row`); UPDATE these and the version before, and so is TOUCH, which leaves alone by
        what rows are found (`FOUND_BY`), and writes only where that is as it should be (a kind of
        row without a version needs none of these); DELETE the
        key and the version before; DROP, which needs no row to be there, the key.
        """
        made = self._made.get((kind, deed))
        if made is None:
            made = self._made[kind, deed] = self._make(kind, deed)
        return made

    def _make(self, kind: type[msgspec.Struct], deed: Deed) -> Statement:
        table, key, names = TABLES[kind], KEYS[kind], column_names(kind)
        guarded = (*key, _VERSION)
        looked_up = {column.name: of for column, of in _LOOKED_UP.items() if column.table is table}
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        values |= looked_up
        match deed:
            case Deed.INSERT:
                return self._compiled(insert(table).values(values), names)
            case Deed.UPSERT:
                return self._compiled(self._dialect.upsert(table, values, kept=looked_up), names)
            case Deed.TOUCH:
                return self._compiled(*_touching(kind, names))
            case Deed.UPDATE:
                new: dict[str, Any] = {name: bindparam(name) for name in names if name not in key}
                statement = update(table).where(_where(table, guarded)).values(new)
                given = [_KEY + name if name in key else name for name in names]
                return self._compiled(statement, [*given, _KEY + _VERSION])
            case Deed.DELETE:
                statement = delete(table).where(_where(table, guarded))
                return self._compiled(statement, [_KEY + name for name in guarded])
            case Deed.DROP:
                statement = delete(table).where(_where(table, key))
                return self._compiled(statement, [_KEY + name for name in key])

    def _compiled(self, statement: Insert | Update | Delete, given: Sequence[str]) -> Statement:
        compiled = statement.compile(dialect=self._sql)
        places = [given.index(name) for name in compiled.positiontup or ()]
        if len(places) > 1:
            return Statement(text=str(compiled), pick=itemgetter(*places))
        return Statement(text=str(compiled), pick=tuple)


def _touching(kind: type[msgspec.Struct], names: Sequence[str]) -> tuple[Update, Sequence[str]]:
    """An index is rewritten for whatever is set in it, be it the same: most of what an update
    costs, and hardly ever is there anything new."""
    table, kept = TABLES[kind], FOUND_BY[kind]
    new: dict[str, Any] = {name: bindparam(name) for name in names if name not in kept}
    same = [
        table.c[name].is_not_distinct_from(bindparam(_KEY + name, type_=table.c[name].type))
        if table.c[name].nullable
        else table.c[name] == bindparam(_KEY + name)
        for name in kept
    ]
    if _VERSION in names:
        same.append(table.c.version == bindparam(_KEY + _VERSION))
    given = [_KEY + name if name in kept else name for name in names]
    return update(table).where(*same).values(new), [*given, _KEY + _VERSION]


def _where(table: Table, fields: Sequence[str]) -> Any:
    return and_(*(table.c[field] == bindparam(_KEY + field) for field in fields))
