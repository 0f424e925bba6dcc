"""One set of changes, written within a savepoint that the caller holds.

Neighbouring writes of one kind go to the database as one statement. Where such a run is refused,
the caller rolls back and has the set written again row by row, for words that name the row.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Delete, Executable, Table, Update, and_, bindparam, delete, insert
from sqlalchemy import update as update_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.host import Host
from vmuster.model.rows import KEYS
from vmuster.model.vm import Sighting
from vmuster.stores import refusals
from vmuster.stores.kinds import KINDS, key_of, plain
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import row_of
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.guarding import check_guards, check_unheld
from vmuster.stores.sql.journaling import JournalEnd
from vmuster.stores.sql.rows import to_row
from vmuster.stores.sql.tables import TABLES


class _Deed(Enum):
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


_KEY: Final = "key_"
"""Prefix of the parameters that say which row is meant; bare column names are new values."""


async def write(
    connection: AsyncConnection,
    dialect: Dialect,
    journal: JournalEnd,
    changes: Changes,
    *,
    together: bool,
) -> None:
    """Write settled `changes`: first see to what they were decided on, then guarded rows in their
    order, sightings, those gone, entries, at the end of the `journal`.

    Raises `Refusal`; it is exact unless a whole run of several rows (`together`) was refused.
    """
    await check_guards(connection, changes)
    for run in _runs(changes.writes, together=together):
        await _write_run(connection, dialect, run)
    if changes.sightings:
        await _write_sightings(connection, dialect, changes.sightings)
    if changes.gone:
        gone: list[dict[str, Any]] = [
            {_KEY + "host": host, _KEY + "uuid": plain(uuid)} for host, uuid in changes.gone
        ]
        await connection.execute(_DROP_SIGHTING, gone)
    await journal.put(changes.entries)


def _deed(write: Write) -> _Deed:
    if write.before is None:
        return _Deed.INSERT
    return _Deed.DELETE if write.after is None else _Deed.UPDATE


def _runs(writes: Sequence[Write], *, together: bool) -> Iterator[list[Write]]:
    if not together:
        yield from ([write] for write in writes)
        return
    for _, run in groupby(writes, key=lambda write: (type(row_of(write)), _deed(write))):
        yield list(run)


async def _write_run(connection: AsyncConnection, dialect: Dialect, run: list[Write]) -> None:
    """Write rows of one kind in one way."""
    kind, deed, exact = type(row_of(run[0])), _deed(run[0]), len(run) == 1
    try:
        result = await connection.execute(
            _STATEMENTS[deed][kind], [_parameters(write) for write in run]
        )
    except IntegrityError as error:
        columns = dialect.violated(error)
        if columns is None:
            raise
        raise Refusal(_words(row_of(run[0]), columns), exact=exact) from error
    before = run[0].before
    if before is not None and result.rowcount != len(run):
        raise Refusal(refusals.stale(before, before.version), exact=exact)
    if deed is _Deed.DELETE:
        await check_unheld(connection, [row_of(write) for write in run])


def _parameters(write: Write) -> dict[str, Any]:
    row = {} if write.after is None else to_row(write.after)
    if write.before is None:
        return row
    key = KEYS[type(write.before)]
    guard = dict(zip(key, key_of(write.before), strict=True))
    guard["version"] = write.before.version
    row = {column: value for column, value in row.items() if column not in key}
    return row | {_KEY + field: value for field, value in guard.items()}


def _words(row: Guarded, columns: tuple[str, ...]) -> str:
    """Why a write of `row` was refused over `columns` (none: over a reference)."""
    if not columns:
        match row:
            case Host():
                return refusals.no_cluster(row.cluster)
            case HeldPlan():
                return refusals.no_host(HeldPlan)
            case _:
                return refusals.still_held(KINDS[type(row)].holders[0], row)
    for rule in KINDS[type(row)].unique:
        if rule.columns == columns:
            return refusals.taken(rule, row)
    return refusals.there_already(row)


async def _write_sightings(
    connection: AsyncConnection, dialect: Dialect, sightings: Sequence[Sighting]
) -> None:
    statement = dialect.upsert(TABLES[Sighting])
    try:
        await connection.execute(statement, [to_row(sighting) for sighting in sightings])
    except IntegrityError as error:
        if dialect.violated(error) != ():
            raise
        raise Refusal(refusals.no_host(Sighting)) from error


def _where(table: Table, fields: Sequence[str]) -> Any:
    return and_(*(table.c[field] == bindparam(_KEY + field) for field in fields))


def _update(kind: type[msgspec.Struct], table: Table) -> Update:
    return update_(table).where(_where(table, (*KEYS[kind], "version")))


def _delete(kind: type[msgspec.Struct], table: Table) -> Delete:
    return delete(table).where(_where(table, (*KEYS[kind], "version")))


_GUARDED: Final = {kind: table for kind, table in TABLES.items() if "version" in table.c}
_STATEMENTS: Final[dict[_Deed, dict[type[msgspec.Struct], Executable]]] = {
    _Deed.INSERT: {kind: insert(table) for kind, table in _GUARDED.items()},
    _Deed.UPDATE: {kind: _update(kind, table) for kind, table in _GUARDED.items()},
    _Deed.DELETE: {kind: _delete(kind, table) for kind, table in _GUARDED.items()},
}
_DROP_SIGHTING: Final = delete(TABLES[Sighting]).where(_where(TABLES[Sighting], KEYS[Sighting]))
