"""Everything one pass over a host needs, read on one connection within one transaction.

Many uuids or names are asked for in slices, so that no statement grows with the report (L10).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.names import number_in
from vmuster.model.operations import Operation
from vmuster.model.rows import ORDER, row_place
from vmuster.model.states import Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import SPENT_SECONDS_MAX, HostRows
from vmuster.stores.kinds import plain
from vmuster.stores.sql.rows import from_row, rows_of
from vmuster.stores.sql.tables import (
    HELD_PLAN,
    HOST,
    LIVE,
    OPEN,
    OPERATION,
    OUTBOX,
    SHOWN,
    SIGHTING,
    TABLES,
    VM,
)

SLICE: Final = 500
"""Values in one IN; more may turn an index look-up into a scan of the table."""

_STOP: Final = "stop_vm"
_START: Final = "start_vm"
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
    at_home = {str(record.uuid) for record in records}
    away = sorted({str(uuid) for uuid in vms} - at_home)
    uuids = sorted(at_home.union(away))
    return HostRows(
        fleet=(await _rows(connection, Fleet))[0],
        cluster=(await _rows(connection, Cluster, TABLES[Cluster].c.name == found[0].cluster))[0],
        host=found[0],
        records=_merged(
            records,
            await _sliced(connection, VmRecord, VM.c.uuid.in_, away),
            await _rows(connection, VmRecord, VM.c.uuid.in_(_seen_on(host))),
        ),
        here=tuple(await _rows(connection, Sighting, SIGHTING.c.host == host)),
        elsewhere=_merged(
            await _sliced(
                connection,
                Sighting,
                lambda part: and_(SIGHTING.c.uuid.in_(part), SIGHTING.c.host != host),
                uuids,
            )
        ),
        named=await _named(connection, host, records, names),
        operations=_merged(
            await _rows(connection, Operation, and_(OPERATION.c.host == host, OPEN)),
            await _sliced(
                connection,
                Operation,
                lambda part: and_(OPERATION.c.vm.in_(part), OPEN),
                uuids,
            ),
        ),
        orphans=await _count(connection, orphans_of(found[0].cluster)),
        spent=await _spent(connection, found[0], since),
        hold=next(iter(await _rows(connection, HeldPlan, HELD_PLAN.c.host == host)), None),
    )


def _seen_on(host: HostId) -> Select[str]:
    """The uuids that were seen on a host."""
    return select(SIGHTING.c.uuid).where(SIGHTING.c.host == host)


def orphans_of(cluster: str) -> Select[int]:
    """How many orphans the hosts of a cluster show."""
    return (
        select(func.count())
        .select_from(SIGHTING.join(HOST, HOST.c.id == SIGHTING.c.host))
        .where(
            SIGHTING.c.standing == Standing.ORPHAN.value,
            SHOWN,
            HOST.c.cluster == cluster,
        )
    )


def automatic_acts(host: Host, since: float) -> Select[str, int, int, int]:
    """How many acts of each sort went automatically into the outbox (`HostRows` says when): for
    `host`, for the hosts that are in its cluster now, for the fleet; hosts long removed included.
    """
    return (
        select(
            OUTBOX.c.act,
            func.count().filter(OUTBOX.c.host == host.id),
            func.count().filter(HOST.c.cluster == host.cluster),
            func.count(),
        )
        .select_from(OUTBOX.outerjoin(HOST, HOST.c.id == OUTBOX.c.host))
        .where(
            OUTBOX.c.automatic.is_(True),
            OUTBOX.c.created_at.between(since, since + SPENT_SECONDS_MAX),
            OUTBOX.c.act.in_((_STOP, _START)),
        )
        .group_by(OUTBOX.c.act)
    )


async def _spent(connection: AsyncConnection, host: Host, since: float) -> Spent:
    counted = {
        act: counts for act, *counts in await connection.execute(automatic_acts(host, since))
    }
    stops, starts = (counted.get(act, (0, 0, 0)) for act in (_STOP, _START))
    return Spent(
        host_stops=stops[0],
        host_starts=starts[0],
        cluster_stops=stops[1],
        cluster_starts=starts[1],
        fleet_stops=stops[2],
        fleet_starts=starts[2],
    )


async def _rows(
    connection: AsyncConnection, kind: type[_Value], where: ColumnElement[bool] | None = None
) -> list[_Value]:
    """Every row of `kind` for which `where` holds, in the order of its kind."""
    table = TABLES[kind]
    statement = rows_of(kind).order_by(*(table.c[field] for field in ORDER[kind]))
    if where is not None:
        statement = statement.where(where)
    return [from_row(kind, row) for row in await connection.execute(statement)]


async def _named(
    connection: AsyncConnection, host: HostId, records: Sequence[VmRecord], names: Collection[str]
) -> tuple[VmRecord, ...]:
    """The live records that bear one of `names`, or whose name points to the same number.

    `records`, those of `host`, are at hand already. Who bears a name with a number is among those
    whose name points to it, so only the other names are asked for.
    """
    number_of = {name: number_in(name) for name in names}
    numbers = set(number_of.values()) - {""}
    bare = sorted(name for name, number in number_of.items() if not number)
    elsewhere = and_(LIVE, VM.c.host.is_distinct_from(host))
    return _merged(
        [
            record
            for record in records
            if record.live and (record.name in number_of or number_in(record.name) in numbers)
        ],
        await _sliced(
            connection, VmRecord, lambda part: and_(VM.c.name.in_(part), elsewhere), bare
        ),
        await _sliced(
            connection,
            VmRecord,
            lambda part: and_(VM.c.number.in_(part), elsewhere),
            sorted(numbers),
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
        rows[plain(row_place(row))] = row
    return tuple(rows[key] for key in sorted(rows))


async def _count(connection: AsyncConnection, statement: Select[Any]) -> int:
    return int((await connection.execute(statement)).scalar_one())
