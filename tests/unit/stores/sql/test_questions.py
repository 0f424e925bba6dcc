"""A question is asked in slices, answered by value, and reads each row once."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, event, insert

from tests.conformance.stores.rows import named_row
from tests.parts import HOST, VM, record
from vmuster.model.errors import Corrupt
from vmuster.model.vm import VmRecord
from vmuster.stores.sql import questions as of
from vmuster.stores.sql.questions import SLICE, Reader, in_order, picked_out, slices
from vmuster.stores.sql.tables import METADATA, TABLES

FIRST = record(version=1)
SECOND = record(uuid=UUID(int=2), name="b", host=None, version=1)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as opened:
        rows = [named_row(each) for each in (FIRST, SECOND)]
        opened.execute(insert(TABLES[VmRecord]), rows)
        yield opened
    engine.dispose()


def test_what_is_found_stands_by_what_was_asked_for(connection: Connection) -> None:
    reader = Reader(connection)
    found = reader.ask(of.RECORDS, [str(VM), str(SECOND.uuid), str(UUID(int=3))])
    assert {value: [row for _, row in placed] for value, placed in found.items()} == {
        str(VM): [FIRST],
        str(SECOND.uuid): [SECOND],
    }
    assert list(picked_out(reader.ask(of.NAMED, ["b", "c"]), ["c"])) == []
    ((_, at_home),) = picked_out(reader.ask(of.RECORDS_AT_HOME, [HOST]), [HOST])
    assert at_home is found[str(VM)][0][1]


def test_many_values_are_asked_for_in_slices_each_once(connection: Connection) -> None:
    seen: list[int] = []

    def note(_1: object, _2: object, _3: str, parameters: Sequence[object], *_more: object) -> None:
        seen.append(len(parameters))

    event.listen(connection, "before_cursor_execute", note)
    many = [str(UUID(int=n)) for n in range(SLICE + 1)]
    assert len(Reader(connection).ask(of.RECORDS, [*many, *many])) == 2
    assert seen == [SLICE, 1]
    assert Reader(connection).ask(of.RECORDS, []) == {}
    assert len(seen) == 2
    assert [len(part) for part in slices(many)] == [SLICE, 1]


def test_parts_are_joined_in_the_order_of_their_kind(connection: Connection) -> None:
    reader = Reader(connection)
    first, second = (
        picked_out(reader.ask(question, [value]), [value])
        for question, value in ((of.NAMED, "b"), (of.RECORDS_AT_HOME, HOST))
    )
    both = [*first, *second]
    assert in_order(both, both[1:]) == (FIRST, SECOND)


def test_a_row_that_can_not_be_read_is_corrupt(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE vm SET label = 'x'")
    with pytest.raises(Corrupt, match="vm"):
        Reader(connection).ask(of.RECORDS, [str(VM)])
