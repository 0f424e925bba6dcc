"""The schema brought to the present: Alembic, driven from here, within the caller's transaction."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from vmuster.model.errors import Corrupt


def migrate(connection: Connection) -> None:
    """Run every migration that the database has not seen; all or nothing.

    Raises `Corrupt` where it has seen one that we do not know: it was written by a newer vmuster.
    """
    config = Config()
    config.set_main_option("script_location", "vmuster.stores:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    newer = set(MigrationContext.configure(connection).get_current_heads()) - known
    if newer:
        raise Corrupt(
            f"the database has schema {', '.join(sorted(newer))}, which is newer than this vmuster",
            hint="upgrade vmuster, or restore a backup from before the upgrade",
        )
    command.upgrade(config, "head")
