"""The first step makes every table and leaves the database at its own number."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from vmuster.stores.sql.migrate import migrate
from vmuster.stores.sql.tables import METADATA


def test_it_makes_every_table() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        assert set(inspect(connection).get_table_names()) >= set(METADATA.tables)
    engine.dispose()


def test_it_is_where_the_line_of_migrations_begins() -> None:
    config = Config()
    config.set_main_option("script_location", "vmuster.stores:migrations")
    config.set_main_option("path_separator", "os")
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert steps[-1].revision == "0001"
    assert steps[-1].down_revision is None
