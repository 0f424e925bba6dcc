"""What a statement takes stands where the statement wants it."""

import pytest
from sqlalchemy.dialects import sqlite

from tests.conformance.stores.rows import entry, fleet
from tests.parts import record, sighting
from vmuster.model.host import Fleet
from vmuster.model.journal import JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.vm import Sighting, VmRecord
from vmuster.stores.kinds import key_of
from vmuster.stores.sql.rows import column_names, to_row
from vmuster.stores.sql.sqlite import SqliteDialect
from vmuster.stores.sql.statements import FOUND_BY, Deed, Statements


@pytest.fixture
def statements() -> Statements:
    return Statements(SqliteDialect(), sqlite.dialect())


@pytest.mark.parametrize("value", [record(), entry(), fleet()])
def test_an_insertion_takes_every_column_of_a_row(
    statements: Statements, value: VmRecord | JournalEntry | Fleet
) -> None:
    kind = type(value)
    statement = statements.get(kind, Deed.INSERT)
    columns = statement.text.partition("(")[2].partition(")")[0].replace('"', "").split(", ")
    named = dict(zip(column_names(kind), to_row(value), strict=True))
    assert dict(zip(columns, statement.pick(to_row(value)), strict=True)) == named


def test_an_update_takes_what_is_new_then_which_row_and_its_version(
    statements: Statements,
) -> None:
    statement = statements.get(VmRecord, Deed.UPDATE)
    taken = statement.pick((*to_row(record(version=8)), 7))
    assert "WHERE vm.uuid = ? AND vm.version = ?" in statement.text
    assert "SET uuid" not in statement.text
    assert taken[-2:] == (*key_of(record()), 7)
    assert 8 in taken[:-2]
    assert len(taken) == statement.text.count("?")


def test_a_touch_leaves_alone_by_what_rows_are_found(statements: Statements) -> None:
    """What must be unique depends on nothing else, so that a touch never claims or frees it."""
    touch = statements.get(VmRecord, Deed.TOUCH)
    new, _, which = touch.text.partition(" WHERE ")
    found_by = {"uuid", "name", "cluster", "host", "number", "removed_at"}
    assert set(FOUND_BY[VmRecord]) == found_by
    assert [name for name in found_by if f" {name}=?" in new] == []
    assert [name for name in found_by if f"vm.{name} " not in which] == []
    assert "vm.host IS ?" in which
    taken = touch.pick((*to_row(record(version=8)), 7))
    assert taken[-1] == 7
    assert len(taken) == touch.text.count("?")
    assert {"state", "actor", "idempotency_key"} <= set(FOUND_BY[Operation])


def test_what_drops_a_row_takes_its_key_alone(statements: Statements) -> None:
    drop = statements.get(Sighting, Deed.DROP)
    assert drop.text.endswith("WHERE sighting.host = ? AND sighting.uuid = ?")
    assert drop.pick(("home", "x")) == ("home", "x")
    only = statements.get(Fleet, Deed.DELETE)
    assert only.text.endswith("WHERE fleet.version = ?")
    assert only.pick((3,)) == (3,)


def test_what_is_written_over_is_all_but_the_key(statements: Statements) -> None:
    upsert = statements.get(Sighting, Deed.UPSERT).text
    assert upsert.count("= excluded.") == len(column_names(Sighting)) - 2
    assert "host = excluded" not in upsert


def test_what_is_looked_up_is_so_as_the_row_is_inserted_and_stays(statements: Statements) -> None:
    upsert = statements.get(Sighting, Deed.UPSERT)
    assert "(SELECT host.cluster" in upsert.text
    assert "cluster = excluded" not in upsert.text
    given = to_row(sighting(host="far"))
    assert upsert.pick(given).count("far") == 2


def test_a_statement_is_made_once(statements: Statements) -> None:
    one, other = (statements.get(VmRecord, Deed.UPDATE) for _ in range(2))
    assert one is other
    assert statements.get(VmRecord, Deed.INSERT) is not one
