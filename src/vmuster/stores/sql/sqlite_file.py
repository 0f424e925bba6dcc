"""The file of a SQLite database: made, recognised, checked and migrated, by one process at a time.

All of it happens in one exclusive transaction, so SQLite itself lets processes take turns, and one
that dies in the middle leaves the file as it was. Every page is looked at, and indexes are held
against their tables, which may come later where the server before has ended well (`wholeness.py`):
a look-up that misses a row in silence is worse than a late start (F62).
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from vmuster.model.errors import Corrupt, Unavailable, VmusterError
from vmuster.model.text import bounded, visible
from vmuster.stores.sql.migrate import migrate
from vmuster.stores.sql.sqlite import (
    begin_with,
    damaged,
    hold_to_promises,
    take_any_text,
    translated,
)
from vmuster.stores.sql.wholeness import look_at_the_door

APPLICATION_ID: Final = int.from_bytes(b"vmus", "big")
"""Stands in the file's header and says whose database it is."""
_CLAIM: Final = "PRAGMA application_id = 1986884979"
_TRIGGERS: Final = text("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")

_TURN_SECONDS: Final = 60.0
"""How long another process may make or migrate the database before we give up."""


def prepare(path: Path) -> None:
    """Leave at `path` a sound database of the present schema.

    Raises `Corrupt` where the file is damaged, not ours, or of a newer vmuster; `Unavailable`
    where it can't be opened now. A file that is not ours is not written to.
    """
    _create(path)
    _check_modes(path)
    url = URL.create("sqlite", database=str(path))
    alone = create_engine(url, poolclass=NullPool, connect_args={"timeout": _TURN_SECONDS})
    take_any_text(alone)
    begin_with(alone, "BEGIN EXCLUSIVE")
    promising = create_engine(url, poolclass=NullPool)
    hold_to_promises(promising, write=True)
    try:
        with alone.begin() as connection:
            _recognise(connection, path)
            migrate(connection)
        _connect(promising)
    except DBAPIError as error:
        raise _told(error.orig) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _told(error) from error


def _told(error: BaseException | None) -> VmusterError:
    """What is said of an error here: what is asked is fixed, so it lies with the file."""
    return translated(error) or damaged(str(error))


def _create(path: Path) -> None:
    """Make folder and file for us alone, where there are none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(
            f"the database {path} can't be made: {error.strerror}",
            hint="see whether its folder may be written to",
        ) from error


def _check_modes(path: Path) -> None:
    """Refuse what may not be written to before SQLite opens it: the files that it lays beside a
    read-only one are read-only too, and would stay so once the modes are mended."""
    for place, needed in ((path.parent, os.W_OK | os.X_OK), (path, os.R_OK | os.W_OK)):
        if not os.access(place, needed):
            raise Unavailable(
                f"the database {path} can't be used: {place} may not be read and written",
                hint="see to the owner and the mode of the file and of its folder",
            )


def _recognise(connection: Connection, path: Path) -> None:
    """Refuse what is damaged or another program's; claim an empty file."""
    owner = connection.execute(text("PRAGMA application_id")).scalar_one()
    objects = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one()
    if owner == 0 and objects == 0:
        connection.execute(text(_CLAIM))
    elif owner != APPLICATION_ID:
        raise Corrupt(
            f"{path} is not a database of vmuster",
            hint="name another file; nothing was written to this one",
        )
    triggers = connection.execute(_TRIGGERS).scalars().all()
    if triggers:
        raise Corrupt(
            f"{path} has triggers that are not vmuster's: {visible(bounded(', '.join(triggers)))}",
            hint="what is written would not be what is read; drop them, or restore the last backup",
        )
    if wrong := look_at_the_door(connection):
        raise damaged(f"{path}: {wrong}")


def _connect(engine: Engine) -> None:
    """Connect once: a promise that can't be kept here is better known before it is relied on."""
    with engine.connect():
        pass
