"""Everything one pass over a host needs, read on one connection within one transaction.

Many uuids or names are asked for in slices, so that no statement grows with the report (L10).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.names import number_in
from vmuster.model.operations import Operation
from vmuster.model.states import OperationState, Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostRows
from vmuster.stores.kinds import KINDS, plain
from vmuster.stores.sql.rows import from_row
from vmuster.stores.sql.tables import HOST, OPERATION, OUTBOX, SIGHTING, TABLES, VM

SLICE: Final = 500
"""Values in one IN; more may turn an index look-up into a scan of the table."""

_OPEN: Final = (OperationState.PENDING.value, OperationState.RUNNING.value)
_Value = TypeVar("_Value", bound=msgspec.Struct)


async def load_host(
    connection: AsyncConnection,
    host: HostId,
    vms: Collection[VmUuid],
    names: Collection[str],
    since: float,
) -> HostRows | None:
    """As the port says; `connection` is within a transaction that sees one moment."""
    found = await _rows(connection, Host, HOST.c.id == host)
    if not found:
        return None
    records = await _rows(connection, VmRecord, VM.c.host == host)
    uuids = sorted({str(uuid) for uuid in vms}.union(str(record.uuid) for record in records))
    return HostRows(
        fleet=(await _rows(connection, Fleet))[0],
        cluster=(await _rows(connection, Cluster, TABLES[Cluster].c.name == found[0].cluster))[0],
        host=found[0],
        records=_merged(records, await _sliced(connection, VmRecord, VM.c.uuid.in_, uuids)),
        here=tuple(await _rows(connection, Sighting, SIGHTING.c.host == host)),
        elsewhere=_merged(
            await _sliced(
                connection,
                Sighting,
                lambda part: and_(SIGHTING.c.uuid.in_(part), SIGHTING.c.host != host),
                uuids,
            )
        ),
        named=await _named(connection, names),
        operations=_merged(
            await _rows(
                connection, Operation, and_(OPERATION.c.host == host, OPERATION.c.state.in_(_OPEN))
            ),
            await _sliced(
                connection,
                Operation,
                lambda part: and_(OPERATION.c.vm.in_(part), OPERATION.c.state.in_(_OPEN)),
                uuids,
            ),
        ),
        orphans=await _count(connection, orphans_of(found[0].cluster)),
        recent_stops=await _count(connection, recent_stops_of(host, since)),
    )


def orphans_of(cluster: str) -> Select[int]:
    """How many orphans the hosts of a cluster show."""
    return (
        select(func.count())
        .select_from(SIGHTING.join(HOST, HOST.c.id == SIGHTING.c.host))
        .where(SIGHTING.c.standing == Standing.ORPHAN.value, HOST.c.cluster == cluster)
    )


def recent_stops_of(host: HostId, since: float) -> Select[int]:
    """How many automatic stops went into the outbox for `host` at or after `since`."""
    return (
        select(func.count())
        .select_from(OUTBOX)
        .where(
            OUTBOX.c.host == host,
            OUTBOX.c.act == "stop_vm",
            OUTBOX.c.automatic.is_(True),
            OUTBOX.c.created_at >= since,
        )
    )


async def _rows(
    connection: AsyncConnection, kind: type[_Value], where: ColumnElement[bool] | None = None
) -> list[_Value]:
    """Every row of `kind` for which `where` holds, in the order of its kind."""
    table = TABLES[kind]
    statement = select(table).order_by(*(table.c[field] for field in KINDS[kind].order))
    if where is not None:
        statement = statement.where(where)
    result = await connection.execute(statement)
    return [from_row(kind, row) for row in result.mappings()]


async def _named(connection: AsyncConnection, names: Collection[str]) -> tuple[VmRecord, ...]:
    """The live records that bear one of `names`, or whose name points to the same number."""
    numbers = sorted({number_in(name) for name in names} - {""})
    live = VM.c.removed_at.is_(None)
    return _merged(
        await _sliced(
            connection,
            VmRecord,
            lambda part: and_(VM.c.name.in_(part), live),
            sorted(set(names)),
        ),
        await _sliced(
            connection, VmRecord, lambda part: and_(VM.c.number.in_(part), live), numbers
        ),
    )


async def _sliced(
    connection: AsyncConnection,
    kind: type[_Value],
    where: Callable[[Sequence[str]], ColumnElement[bool]],
    values: Sequence[str],
) -> list[_Value]:
    """The rows of `kind` for which `where` holds with any slice of `values`."""
    return [row for part in slices(values) for row in await _rows(connection, kind, where(part))]


def slices(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """`values` in parts that one IN may hold."""
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))


def _merged(*parts: Sequence[_Value]) -> tuple[_Value, ...]:
    """The rows of all parts, each once, in the order of their kind."""
    rows: dict[Any, _Value] = {}
    for row in (row for part in parts for row in part):
        order = KINDS[type(row)].order
        rows[tuple(plain(getattr(row, field)) for field in order)] = row
    return tuple(rows[key] for key in sorted(rows))


async def _count(connection: AsyncConnection, statement: Select[Any]) -> int:
    return int((await connection.execute(statement)).scalar_one())
