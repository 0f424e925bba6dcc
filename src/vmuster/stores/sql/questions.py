"""Questions for the rows of many hosts or VMs at once, each made once, and answered by value.

Values are asked for in slices, so that no statement grows with what is asked for (L10).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam

from vmuster.model.automation import HeldPlan
from vmuster.model.host import Cluster, Host
from vmuster.model.operations import Operation
from vmuster.model.rows import ORDER
from vmuster.model.vm import Sighting, VmRecord
from vmuster.stores.sql.rows import column_names, from_row, rows_of
from vmuster.stores.sql.tables import (
    CLUSTER,
    HELD_PLAN,
    HOST,
    LIVE,
    OPEN,
    OPERATION,
    SIGHTING,
    VM,
)

SLICE: Final = 500
"""Values in one IN; more may turn an index look-up into a scan of the table."""
PART: Final = "part"
"""The parameter of a question that takes a slice."""

_Value = TypeVar("_Value", bound=msgspec.Struct)
Place = tuple[Any, ...]
"""Where a row stands in the order of its kind, as the database says it."""
Placed = tuple[Place, _Value]
Found = Mapping[str, Sequence[Placed[_Value]]]
"""The rows that were found, by the value that was asked for."""


class Question(Generic[_Value]):
    """Which rows of `kind` have one of some values in `column`, `more` aside."""

    def __init__(self, kind: type[_Value], column: Column[Any], *more: ColumnElement[bool]) -> None:
        names = column_names(kind)
        places = [names.index(field) for field in ORDER[kind]]
        among = column.in_(bindparam(PART, expanding=True))
        self.kind = kind
        self.statement: Select[Any] = rows_of(kind).where(among, *more)
        self.asked_of = itemgetter(names.index(column.name))
        self.place_of: Callable[[Sequence[Any]], Place] = (
            itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        )


HOSTS: Final = Question(Host, HOST.c.id)
CLUSTERS: Final = Question(Cluster, CLUSTER.c.name)
HOLDS: Final = Question(HeldPlan, HELD_PLAN.c.host)
RECORDS: Final = Question(VmRecord, VM.c.uuid)
RECORDS_AT_HOME: Final = Question(VmRecord, VM.c.host)
NAMED: Final = Question(VmRecord, VM.c.name, LIVE)
NUMBERED: Final = Question(VmRecord, VM.c.number, LIVE)
SIGHTINGS: Final = Question(Sighting, SIGHTING.c.uuid)
SIGHTINGS_HERE: Final = Question(Sighting, SIGHTING.c.host)
OPERATIONS: Final = Question(Operation, OPERATION.c.vm, OPEN)
OPERATIONS_OF_HOST: Final = Question(Operation, OPERATION.c.host, OPEN)


class Reader:
    """Asks on `connection`, which is within a transaction that sees one moment. A row that answers
    several questions becomes a value once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._known = defaultdict[type[Any], dict[Place, Any]](dict)

    def ask(self, question: Question[_Value], values: Iterable[str]) -> Found[_Value]:
        """The rows that fit, for each value. Raises `Corrupt` where one can't be read."""
        found = defaultdict[str, list[Placed[_Value]]](list)
        known = self._known[question.kind]
        for part in slices(sorted(set(values))):
            for row in self.connection.execute(question.statement, {PART: part}).all():
                place = question.place_of(row)
                value = known.get(place)
                if value is None:
                    value = known[place] = from_row(question.kind, row)
                found[question.asked_of(row)].append((place, value))
        return found


def slices(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """`values` in parts that one IN may hold."""
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))


def picked_out(found: Found[_Value], values: Collection[str]) -> Iterator[Placed[_Value]]:
    """What was found for `values`."""
    return (placed for value in values for placed in found.get(value, ()))


def in_order(*parts: Iterable[Placed[_Value]]) -> tuple[_Value, ...]:
    """The rows of all parts, each once, in the order of their kind."""
    rows = {place: value for part in parts for place, value in part}
    return tuple(rows[place] for place in sorted(rows))
