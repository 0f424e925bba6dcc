"""Which sightings are there already, and stay where they are found: their indexes are left alone.

A sighting is found in half a dozen ways, and to write all of them again is most of what it costs to
overwrite one; what a look says anew of a VM is hardly ever by what it is found.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from vmuster.model.vm import Sighting
from vmuster.stores.sql.questions import PART, slices
from vmuster.stores.sql.rows import column_names
from vmuster.stores.sql.statements import FOUND_BY
from vmuster.stores.sql.tables import SIGHTING

_Rows = list[Sequence[Any]]

_COLUMNS: Final = column_names(Sighting)
_UUID: Final = itemgetter(_COLUMNS.index("uuid"))
_KEY: Final = itemgetter(_COLUMNS.index("host"), _COLUMNS.index("uuid"))
_PLACE: Final = itemgetter(*(_COLUMNS.index(name) for name in FOUND_BY[Sighting]))
_PLACES: Final = select(*(SIGHTING.c[name] for name in FOUND_BY[Sighting])).where(
    SIGHTING.c.uuid.in_(bindparam(PART, expanding=True))
)


def parted(connection: Connection, rows: Sequence[Sequence[Any]]) -> tuple[_Rows, _Rows]:
    """`rows` of sightings (`rows.to_row`), of each the last: those that stay, and the others."""
    last = {_KEY(row): row for row in rows}
    uuids = sorted(set(map(_UUID, rows)))
    there = {
        tuple(place)
        for part in slices(uuids)
        for place in connection.execute(_PLACES, {PART: part}).all()
    }
    staying, others = _Rows(), _Rows()
    for row in last.values():
        (staying if _PLACE(row) in there else others).append(row)
    return staying, others
