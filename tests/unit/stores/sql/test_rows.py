"""Rows and values: what is brought out, and what is refused as corrupt."""

import msgspec
import pytest
from sqlalchemy import RowMapping, create_engine, insert, select

from tests.conformance.stores.rows import fleet, stop
from tests.parts import host, record, sighting
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.stores.sql.rows import from_row, to_row
from vmuster.stores.sql.tables import METADATA, TABLES


def read_back(value: msgspec.Struct, **damage: object) -> RowMapping:
    """The row of `value` as a database gives it, with some columns `damage`d."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    table = TABLES[type(value)]
    with engine.begin() as connection:
        connection.execute(insert(table), [to_row(value) | damage])
        row = connection.execute(select(table)).mappings().one()
    engine.dispose()
    return row


def test_scalars_are_columns_and_nested_values_json_text() -> None:
    row = to_row(sighting())
    assert row["uuid"] == str(sighting().uuid)
    assert row["power"] == "running"
    assert msgspec.json.decode(row["raw_mark"])["generation"] == "1"
    assert to_row(host())["facts"] is None


def test_what_stops_are_counted_by_is_brought_out() -> None:
    assert (to_row(stop())["act"], to_row(stop())["automatic"]) == ("stop_vm", True)
    assert to_row(stop(automatic=False))["automatic"] is False
    assert to_row(fleet())["single"] == 1


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
