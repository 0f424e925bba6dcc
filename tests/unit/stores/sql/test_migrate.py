"""The migrations lead to the tables, and refuse what they do not know."""

import re
from collections.abc import Generator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from vmuster.model.errors import Corrupt
from vmuster.stores.sql.migrate import migrate
from vmuster.stores.sql.sqlite import begin_with
from vmuster.stores.sql.tables import METADATA


@pytest.fixture
def connection() -> Generator[Connection]:
    engine = create_engine("sqlite://")
    begin_with(engine, "BEGIN")
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def schema(connection: Connection) -> dict[str, str]:
    """The statement that made each table and index, in one form of blanks and order."""
    rows = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> :own"),
        {"own": "alembic_version"},
    )
    return {name: " ".join(sorted(re.findall(r"[()]|[^\s,()]+", sql))) for name, sql in rows}


def test_tables_and_migrations_agree(connection: Connection) -> None:
    migrate(connection)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, METADATA) == []


def test_they_agree_to_the_last_check_and_condition(connection: Connection) -> None:
    migrate(connection)
    migrated = schema(connection)
    engine = create_engine("sqlite://")
    with engine.begin() as made:
        METADATA.create_all(made)
        assert migrated == schema(made)
    assert migrated
    engine.dispose()


def test_migrating_again_does_nothing(connection: Connection) -> None:
    migrate(connection)
    before = schema(connection)
    migrate(connection)
    assert schema(connection) == before


def test_a_schema_we_do_not_know_is_refused(connection: Connection) -> None:
    migrate(connection)
    connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(Corrupt, match="later"):
        migrate(connection)


def test_a_schema_that_says_two_things_of_itself_is_refused(connection: Connection) -> None:
    migrate(connection)
    connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    with pytest.raises(Corrupt, match="2 schemas"):
        migrate(connection)


@pytest.mark.parametrize(
    "loss",
    [
        "ALTER TABLE sighting DROP COLUMN absence_confirmed",
        "DROP TABLE credential",
        "DROP INDEX uq_vm_name_live",
    ],
)
def test_a_schema_that_lacks_something_is_refused(connection: Connection, loss: str) -> None:
    migrate(connection)
    connection.execute(text(loss))
    with pytest.raises(Corrupt, match="1 difference"):
        migrate(connection)


def test_what_somebody_added_is_left_alone(connection: Connection) -> None:
    migrate(connection)
    connection.execute(text("CREATE INDEX mine ON vm (label)"))
    connection.execute(text("CREATE TABLE notes (x)"))
    migrate(connection)
    assert {"mine", "notes"} <= schema(connection).keys()


def test_it_is_the_callers_transaction() -> None:
    engine = create_engine("sqlite://")
    begin_with(engine, "BEGIN")
    with engine.connect() as connection:
        migrate(connection)
        connection.rollback()
        assert inspect(connection).get_table_names() == []
    engine.dispose()
