"""Rows and values: what is brought out, and what is refused as corrupt."""

import zlib
from typing import Any

import msgspec
import pytest
from sqlalchemy import Row, create_engine, insert

from tests.conformance.stores.rows import entry, fleet, named_row, stop
from tests.parts import NOW, host, record, sighting
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.model.journal import JournalEntry
from vmuster.model.states import VmPhase
from vmuster.model.vm import VmRecord
from vmuster.stores.sql.rows import columns_of, field_value, from_row, rows_of
from vmuster.stores.sql.tables import CHECKSUM, METADATA, TABLES

UNCHECKED: dict[str, object] = {CHECKSUM: None}


def read_back(value: msgspec.Struct, **damage: object) -> Row[Any]:
    """The row of `value` as a database gives it, with some columns `damage`d."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    table = TABLES[type(value)]
    with engine.begin() as connection:
        connection.execute(insert(table), [named_row(value) | damage])
        row = connection.execute(rows_of(type(value))).one()
    engine.dispose()
    return row


def test_scalars_are_columns_and_nested_values_json_text() -> None:
    row = named_row(sighting())
    assert row["uuid"] == str(sighting().uuid)
    assert row["power"] == "running"
    assert msgspec.json.decode(row["raw_mark"])["generation"] == "1"
    assert named_row(host())["facts"] is None


def test_what_stops_are_counted_by_is_brought_out() -> None:
    assert (named_row(stop())["act"], named_row(stop())["automatic"]) == ("stop_vm", True)
    assert named_row(stop(automatic=False))["automatic"] is False
    assert named_row(fleet())["single"] == 1


def test_a_row_becomes_the_value_it_was() -> None:
    for value in (record(version=1), stop(version=1), sighting()):
        assert from_row(type(value), read_back(value)) == value


@pytest.mark.parametrize(
    "damage",
    [
        {"command": "{"},
        {"command": "{}"},
        {"vm": "not a uuid"},
        {"result": "5"},
        {"result": b"\xff"},
    ],
)
def test_a_row_that_can_not_be_true_is_corrupt_and_named(damage: dict[str, object]) -> None:
    value = stop(version=1)
    with pytest.raises(Corrupt, match=f"command {value.id} in the database can't be read"):
        from_row(OutboxCommand, read_back(value, **damage))
    with pytest.raises(Corrupt, match=f"command {value.id} in the database can't be read"):
        from_row(OutboxCommand, read_back(value, **damage, **UNCHECKED))


DAMAGES: list[tuple[msgspec.Struct, dict[str, object]]] = [
    (record(version=1), {"host": "hame"}),
    (record(version=1), {"host": None}),
    (record(version=1), {"desired": "stopped"}),
    (record(version=1), {"protected": True}),
    (record(version=1), {"generation": 4}),
    (record(version=1), {"seen_at": 0.5}),
    (record(version=1), {"version": 2}),
    (sighting(), {"raw_mark": None}),
    (stop(version=1), {"created_at": NOW + 1}),
    (entry(id=1), {"evidence": '{"x":1}'}),
]


@pytest.mark.parametrize(("value", "damage"), DAMAGES)
def test_a_row_that_is_not_as_it_was_written_is_corrupt(
    value: msgspec.Struct, damage: dict[str, object]
) -> None:
    with pytest.raises(Corrupt, match="not as it was written"):
        from_row(type(value), read_back(value, **damage))


@pytest.mark.parametrize("checked", [{}, UNCHECKED])
@pytest.mark.parametrize(
    ("value", "field"),
    [(record(version=1), "label"), (entry(id=1), "what"), (entry(id=1, chain="a"), "chain")],
)
def test_a_row_with_text_that_is_none_is_corrupt(
    value: msgspec.Struct, field: str, checked: dict[str, object]
) -> None:
    row = list(read_back(value, **checked))
    row[value.__struct_fields__.index(field)] = "i-2-7\udcff"
    with pytest.raises(Corrupt, match="it holds text that is none"):
        from_row(type(value), row)


@pytest.mark.parametrize(
    ("value", "damage"),
    [
        (stop(version=1), {"automatic": False}),
        (stop(version=1), {"act": "start_vm"}),
        (record(version=1), {"number": "i-9"}),
    ],
)
@pytest.mark.parametrize("checked", [{}, UNCHECKED])
def test_a_row_that_is_looked_up_by_what_it_is_not_is_corrupt(
    value: msgspec.Struct, damage: dict[str, object], checked: dict[str, object]
) -> None:
    with pytest.raises(Corrupt, match=f"its column {next(iter(damage))} does not fit"):
        from_row(type(value), read_back(value, **damage, **checked))


def test_a_row_that_was_corrected_by_hand_is_believed() -> None:
    row = read_back(record(version=1), label="by hand", **UNCHECKED)
    assert from_row(VmRecord, row) == record(version=1, label="by hand")


def test_a_checksum_stands_for_what_the_database_gives_back() -> None:
    value = record(version=1, seen_at=-0.0, created_at=1e300, label="\0\U0010ffff", host=None)
    assert from_row(VmRecord, read_back(value)) == value
    line = entry(id=0)
    assert from_row(JournalEntry, read_back(line, id=77)) == entry(id=77)


def test_the_checksum_of_an_entry_is_that_of_before_it_had_an_id_or_a_link() -> None:
    asked = named_row(entry())[CHECKSUM]
    assert named_row(entry(id=7, chain="a" * 64))[CHECKSUM] == asked
    assert named_row(entry(what="else"))[CHECKSUM] != asked
    fields = [getattr(entry(), name) for name in JournalEntry.__struct_fields__ if name != "chain"]
    fields[-1], fields[fields.index(entry().evidence)] = None, "{}"
    assert asked == zlib.crc32(msgspec.json.encode(fields))


def test_the_value_of_one_field_is_of_its_type_or_as_it_was_found() -> None:
    assert field_value(VmRecord, "phase", "running") is VmPhase.RUNNING
    assert field_value(VmRecord, "phase", "sleeping") == "sleeping"
    assert field_value(VmRecord, "uuid", str(record().uuid)) == record().uuid
    assert field_value(VmRecord, "host", None) is None


def test_columns_stand_in_the_order_in_which_a_row_is_read() -> None:
    names = [column.name for column in columns_of(VmRecord)]
    assert names == [*VmRecord.__struct_fields__, CHECKSUM, "number"]
