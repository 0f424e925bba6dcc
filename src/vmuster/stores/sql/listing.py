"""A page of VMs, as the port's `vms` gives them, in the order of places.

Where the state of records is asked for, each record has its line, with what its own host shows of
it. Else there are two branches. First the sightings; then the live records that their own host does
not show, no further than the page reaches already. That bound is the whole cost: almost every
record is shown, and each must be looked for among the sightings to be passed over. Each question
walks an index, begins behind the last page and ends at the limit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, null, select

from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import VmQuery
from vmuster.stores.kinds import plain
from vmuster.stores.listing import TextPlace
from vmuster.stores.sql.asking import beyond
from vmuster.stores.sql.rows import columns_of
from vmuster.stores.sql.tables import LIVE, SHOWN, SIGHTING, VM

Line = tuple[TextPlace, Sequence[Any] | None, Sequence[Any] | None]
"""Where it stands, and the rows of the sighting and of the record, as `from_row` takes them."""

_SEEN_AT: Final = (SIGHTING.c.name, SIGHTING.c.uuid, SIGHTING.c.host)
_ALONE_AT: Final = (VM.c.name, VM.c.uuid, func.coalesce(VM.c.host, ""))
_PLACE: Final = len(_SEEN_AT)
_SIGHTING_END: Final = _PLACE + len(columns_of(Sighting))

_SEEN: Final = (
    select(*_SEEN_AT, *columns_of(Sighting), *columns_of(VmRecord))
    .select_from(SIGHTING.outerjoin(VM, and_(VM.c.uuid == SIGHTING.c.uuid, LIVE)))
    .where(SHOWN)
)
_AT_HOME: Final = and_(SIGHTING.c.host == VM.c.host, SIGHTING.c.uuid == VM.c.uuid, SHOWN)
_RECORDED: Final = (
    select(*_ALONE_AT, *columns_of(Sighting), *columns_of(VmRecord))
    .select_from(VM.outerjoin(SIGHTING, _AT_HOME))
    .where(LIVE)
)
_CLUSTER: Final = func.coalesce(SIGHTING.c.cluster, VM.c.cluster)
_POWER: Final = func.coalesce(SIGHTING.c.power, VM.c.power)
_UNSHOWN: Final = and_(LIVE, ~exists().where(_AT_HOME))
_ALONE: Final = select(*_ALONE_AT, *columns_of(VmRecord)).where(_UNSHOWN)

UNSEEN: Final = select(VM.c.phase, func.count()).where(_UNSHOWN).group_by(VM.c.phase)
"""How many live records their own host does not show, by phase."""


def page(connection: Connection, query: VmQuery, after: TextPlace | None, limit: int) -> list[Line]:
    """The first `limit` lines after that place; `connection` is within a transaction that sees one
    moment."""
    if query.of_records:
        return _first(connection, _recorded(query), _ALONE_AT, after, limit)
    lines = _first(connection, _seen(query), _SEEN_AT, after, limit)
    if query.standing is None:
        last = lines[-1][0] if lines and len(lines) == limit else None
        statement = _alone(query, after, last).limit(limit)
        lines += [(row[:_PLACE], None, row[_PLACE:]) for row in connection.execute(statement)]
    return sorted(lines, key=_where)[:limit]


def _first(
    connection: Connection,
    branches: Sequence[Select[Any]],
    at: Sequence[ColumnElement[Any]],
    after: TextPlace | None,
    limit: int,
) -> list[Line]:
    """The first `limit` lines of all branches after that place; each line stands `at` its own."""
    lines: list[Line] = []
    for branch in branches:
        later = branch if after is None else branch.where(beyond(at, after))
        for row in connection.execute(later.limit(limit)):
            seen, record = row[_PLACE:_SIGHTING_END], row[_SIGHTING_END:]
            lines.append((row[:_PLACE], _there(seen), _there(record)))
    return sorted(lines, key=_where)[:limit]


def _there(row: Sequence[Any]) -> Sequence[Any] | None:
    """The columns of a row; None where an outer join found none."""
    return row if row[0] is not None else None


def _where(line: Line) -> tuple[str, ...]:
    """Its place to sort by; in a damaged row anything may stand for text."""
    return tuple(str(part) for part in line[0])


def _recorded(query: VmQuery) -> list[Select[Any]]:
    """The live records that fit, each with its sighting at home, in order: no two of them have one
    name. Those of a name are two branches, each by its own index: the record that bears it, and
    those that are shown under it."""
    statement = _RECORDED.where(
        *_equal({VM.c.uuid: query.uuid, VM.c.host: query.host, _CLUSTER: query.cluster}),
        *_equal({SIGHTING.c.standing: query.standing, _POWER: query.power}),
        *_broad(query, {VM.c.desired: query.desired, VM.c.phase: query.phase}),
    ).order_by(VM.c.name)
    if not query.name:
        return [statement]
    return [
        statement.where(VM.c.name == query.name),
        statement.where(SIGHTING.c.name == query.name, VM.c.name != query.name),
    ]


def _seen(query: VmQuery) -> list[Select[Any]]:
    """The sightings that fit, in order. Those of a name are two branches, each by its own index:
    those that show it, and those of the one live record that bears it."""
    statement = _SEEN.where(
        *_equal({SIGHTING.c.uuid: query.uuid, SIGHTING.c.host: query.host}),
        *_broad(query, {SIGHTING.c.cluster: query.cluster}),
        *_broad(query, {SIGHTING.c.standing: query.standing, SIGHTING.c.power: query.power}),
    ).order_by(*_SEEN_AT)
    if not query.name:
        return [statement]
    bearer = select(VM.c.uuid).where(VM.c.name == query.name, LIVE).scalar_subquery()
    return [
        statement.where(SIGHTING.c.name == query.name),
        statement.where(SIGHTING.c.uuid == bearer, SIGHTING.c.name != query.name),
    ]


def _alone(query: VmQuery, after: TextPlace | None, last: TextPlace | None) -> Select[Any]:
    """The unshown records that fit, later than `after` and not later than `last`. No two live ones
    have one name, so that the name alone is their order."""
    statement = _ALONE.where(
        *_equal({VM.c.uuid: query.uuid, VM.c.host: query.host, VM.c.name: query.name or None}),
        *_broad(query, {VM.c.cluster: query.cluster, VM.c.power: query.power}),
    ).order_by(VM.c.name)
    if after is not None:
        statement = statement.where(beyond(_ALONE_AT, after))
    return statement if last is None else statement.where(beyond(_ALONE_AT, last, back=True))


def _equal(asked: Mapping[ColumnElement[Any], object]) -> list[ColumnElement[bool]]:
    """What is asked for; None asks for nothing."""
    return [column == plain(value) for column, value in asked.items() if value is not None]


def _broad(query: VmQuery, asked: Mapping[ColumnElement[Any], object]) -> list[ColumnElement[bool]]:
    """As `_equal`, of what many may have in common: where anything narrower is asked for too, its
    index is the one to walk, and so theirs is out of reach."""
    if query.uuid is None and query.host is None and not query.name:
        return _equal(asked)
    return _equal({func.coalesce(column, null()): value for column, value in asked.items()})
