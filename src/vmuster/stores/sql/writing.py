"""Sets of changes that may be written together (`cutting.py`), within a savepoint of the caller's.

Rows of one kind to which the same is done go to the database as one statement. Where one of those
is refused, the caller rolls back and has less written at once, at last row by row, for words that
name the row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.rows import picked
from vmuster.model.vm import Sighting
from vmuster.stores import refusals
from vmuster.stores.kinds import KINDS, key_of
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import row_of
from vmuster.stores.sql.cutting import joined
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.guarding import check_unheld
from vmuster.stores.sql.journaling import JournalEnd
from vmuster.stores.sql.rows import to_row
from vmuster.stores.sql.statements import FOUND_BY, Deed, Statements
from vmuster.stores.sql.staying import parted

_FOUND_BY: Final = {
    kind: picked([name for name in FOUND_BY[kind] if name in kind.__struct_fields__])
    for kind in KINDS
}


class Writer:
    """Writes on `connection`, within one transaction, in the words of its database."""

    def __init__(self, connection: Connection, dialect: Dialect, statements: Statements) -> None:
        self.connection = connection
        self._dialect = dialect
        self._statements = statements
        self._journal = JournalEnd(connection, statements)

    def write(self, sets: Sequence[Changes], *, together: bool) -> None:
        """Write settled `sets` whose guards hold: guarded rows, those of a single set in its order;
        sightings, those gone, and entries at the end of the journal.

        Raises `Refusal`; it is exact where one row alone was refused, so always unless `together`.
        """
        for deed, run in _runs(sets, together=together):
            self._write_run(deed, run)
        self._write_sightings([each for changes in sets for each in changes.sightings])
        self._drop_sightings([key for changes in sets for key in changes.gone])
        self._journal.put([entry for changes in sets for entry in changes.entries])

    def _write_run(self, deed: Deed, run: Sequence[Write]) -> None:
        """Do one thing to rows of one kind."""
        first, before = row_of(run[0]), run[0].before
        exact = len(run) == 1 and deed is not Deed.TOUCH
        try:
            written = self._execute(type(first), deed, [_values(write) for write in run])
        except IntegrityError as error:
            columns = self._dialect.violated(error)
            if columns is None:
                raise
            raise Refusal(_words(first, columns), exact=exact) from error
        if before is not None and written != len(run):
            raise Refusal(refusals.stale(before, before.version), exact=exact)
        if deed is Deed.DELETE:
            check_unheld(self.connection, [row_of(write) for write in run])

    def _write_sightings(self, sightings: Sequence[Sighting]) -> None:
        staying, others = parted(self.connection, list(map(to_row, sightings)))
        self._execute(Sighting, Deed.TOUCH, staying)
        try:
            self._execute(Sighting, Deed.UPSERT, others)
        except IntegrityError as error:
            if self._dialect.violated(error) != ():
                raise
            raise Refusal(refusals.no_host(Sighting)) from error

    def _drop_sightings(self, gone: Sequence[tuple[HostId, VmUuid]]) -> None:
        self._execute(Sighting, Deed.DROP, [(host, str(uuid)) for host, uuid in gone])

    def _execute(
        self, kind: type[msgspec.Struct], deed: Deed, rows: Sequence[Sequence[Any]]
    ) -> int:
        """Do one thing to rows, if there are any; how many it was done to."""
        if not rows:
            return 0
        statement = self._statements.get(kind, deed)
        taken = [statement.pick(row) for row in rows]
        return self.connection.exec_driver_sql(statement.text, taken).rowcount


def _deed(write: Write) -> Deed:
    if write.before is None:
        return Deed.INSERT
    return Deed.DELETE if write.after is None else Deed.UPDATE


def _sort(write: Write) -> tuple[Deed, str]:
    """What goes into one statement. An update is a touch where nothing seems to change by which
    the row is found; where that is not so, it is refused, and then written as an update."""
    deed, kind = _deed(write), type(row_of(write))
    if deed is Deed.UPDATE and _FOUND_BY[kind](write.before) == _FOUND_BY[kind](write.after):
        deed = Deed.TOUCH
    return deed, kind.__name__


def _runs(sets: Sequence[Changes], *, together: bool) -> Iterator[tuple[Deed, Sequence[Write]]]:
    """The writes of all sets, in parts of one sort. Those of a single set keep their order: its own
    rows may depend on each other."""
    writes = chain.from_iterable(changes.writes for changes in sets)
    if not together:
        yield from ((_deed(write), [write]) for write in writes)
    elif len(sets) > 1:
        sorts = defaultdict[tuple[Deed, str], list[Write]](list)
        for write in joined(writes):
            sorts[_sort(write)].append(write)
        yield from ((sort[0], sorts[sort]) for sort in sorted(sorts))
    else:
        yield from ((sort[0], list(run)) for sort, run in groupby(writes, key=_sort))


def _values(write: Write) -> Sequence[Any]:
    """What `Statements.get` says that its statement is given."""
    if write.before is None:
        return to_row(row_of(write))
    if write.after is None:
        return *key_of(write.before), write.before.version
    return *to_row(write.after), write.before.version


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
