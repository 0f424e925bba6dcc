"""The schema brought to the present: Alembic, driven from here, within the caller's transaction."""

from collections.abc import Sequence
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from vmuster.model.errors import Corrupt
from vmuster.stores.sql.tables import METADATA

_RESTORE: Final = "restore the last backup; the schema was damaged or changed by hand"


def migrate(connection: Connection) -> None:
    """Run every migration that the database has not seen; all or nothing.

    Raises `Corrupt` where it has seen one that we do not know, so that it was written by a newer
    vmuster, or where it lacks something all the same. What somebody added is left alone.
    """
    config = Config()
    config.set_main_option("script_location", "vmuster.stores:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    context = MigrationContext.configure(connection)
    heads = context.get_current_heads()
    if len(heads) > 1:
        raise Corrupt(
            f"the database says of itself that it has {len(heads)} schemas", hint=_RESTORE
        )
    newer = set(heads) - known
    if newer:
        raise Corrupt(
            f"the database has schema {', '.join(sorted(newer))}, which is newer than this vmuster",
            hint="upgrade vmuster, or restore a backup from before the upgrade",
        )
    command.upgrade(config, "head")
    lacking = [each for each in compare_metadata(context, METADATA) if not _is_added(each)]
    if lacking:
        raise Corrupt(
            f"the database does not have the schema that it says: {len(lacking)} differences",
            hint=_RESTORE,
        )


def _is_added(difference: Sequence[object]) -> bool:
    """Whether somebody gave the database something that is not in our tables."""
    match difference:
        case (str(kind), *_rest):
            return kind.startswith("remove_")
        case _:
            return False
