"""A page of VMs, as the port's `vms` gives them: two branches, each in the order of places.

First the sightings; then the live records that their own host does not show, no further than the
page reaches already. That bound is the whole cost: almost every record is shown, and each must be
looked for among the sightings to be passed over. Each question walks an index, begins behind the
last page and ends at the limit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, exists, func, select

from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import VmQuery
from vmuster.stores.kinds import plain
from vmuster.stores.listing import TextPlace
from vmuster.stores.sql.asking import beyond
from vmuster.stores.sql.rows import columns_of
from vmuster.stores.sql.tables import HOST, LIVE, SHOWN, SIGHTING, VM

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
_UNSHOWN: Final = and_(
    LIVE, ~exists().where(SIGHTING.c.host == VM.c.host, SIGHTING.c.uuid == VM.c.uuid, SHOWN)
)
_ALONE: Final = select(*_ALONE_AT, *columns_of(VmRecord)).where(_UNSHOWN)

UNSEEN: Final = select(VM.c.phase, func.count()).where(_UNSHOWN).group_by(VM.c.phase)
"""How many live records their own host does not show, by phase."""


def page(connection: Connection, query: VmQuery, after: TextPlace | None, limit: int) -> list[Line]:
    """The first `limit` lines after that place; `connection` is within a transaction that sees one
    moment."""
    lines: list[Line] = []
    for statement in _seen(query):
        later = statement if after is None else statement.where(beyond(_SEEN_AT, after))
        for row in connection.execute(later.limit(limit)):
            record = row[_SIGHTING_END:]
            known = record if record[0] is not None else None
            lines.append((row[:_PLACE], row[_PLACE:_SIGHTING_END], known))
    lines = sorted(lines, key=_where)[:limit]
    if query.standing is None:
        last = lines[-1][0] if lines and len(lines) == limit else None
        statement = _alone(query, after, last).limit(limit)
        lines += [(row[:_PLACE], None, row[_PLACE:]) for row in connection.execute(statement)]
    return sorted(lines, key=_where)[:limit]


def _where(line: Line) -> tuple[str, ...]:
    """Its place to sort by; in a damaged row anything may stand for text."""
    return tuple(str(part) for part in line[0])


def _seen(query: VmQuery) -> list[Select[Any]]:
    """The sightings that fit, in order. Those of a name are two branches, each by its own index:
    those that show it, and those of the one live record that bears it."""
    statement = _SEEN.where(
        *_equal({SIGHTING.c.uuid: query.uuid, SIGHTING.c.host: query.host}),
        *_equal({SIGHTING.c.standing: query.standing, SIGHTING.c.power: query.power}),
        *_equal({VM.c.desired: query.desired, VM.c.phase: query.phase}),
    )
    if query.desired is not None or query.phase is not None:
        statement = statement.where(VM.c.host == SIGHTING.c.host)
    if query.cluster is not None:
        of_cluster = exists().where(HOST.c.id == SIGHTING.c.host, HOST.c.cluster == query.cluster)
        statement = statement.where(of_cluster)
    statement = statement.order_by(*_SEEN_AT)
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
        *_equal({VM.c.uuid: query.uuid, VM.c.host: query.host, VM.c.cluster: query.cluster}),
        *_equal({VM.c.name: query.name or None, VM.c.power: query.power}),
        *_equal({VM.c.desired: query.desired, VM.c.phase: query.phase}),
    ).order_by(VM.c.name)
    if after is not None:
        statement = statement.where(beyond(_ALONE_AT, after))
    return statement if last is None else statement.where(beyond(_ALONE_AT, last, back=True))


def _equal(asked: Mapping[Column[Any], object]) -> list[ColumnElement[bool]]:
    """What is asked for; None asks for nothing."""
    return [column == plain(value) for column, value in asked.items() if value is not None]
