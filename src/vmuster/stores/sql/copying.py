"""A SQLite database copied while others write to it, and looked at without being written to.

The copy is of one moment: the reader's transaction stays open while pages are copied, and in WAL
mode nobody waits for it. What comes out is one file, with nothing beside it.
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, event

from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.text import bounded, visible
from vmuster.stores.sql.sqlite import (
    SqliteDialect,
    begin_with,
    damaged,
    take_any_text,
    translated,
)
from vmuster.stores.sql.sqlite_file import APPLICATION_ID
from vmuster.stores.sql.store import SqlStore
from vmuster.stores.sql.threads import EngineThreads

BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite lays beside a database, by the ends of the names."""
_QUICK: Final = "PRAGMA quick_check(1)"
_FULL: Final = "PRAGMA integrity_check(1)"
_STEP_PAGES: Final = 1024
_PROMISES: Final = (
    "PRAGMA query_only = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)
_REVISION: Final = "SELECT version_num FROM alembic_version"

Told = Callable[[int, int], None]
"""Is told how much of how much is done."""


class Inspected(msgspec.Struct, frozen=True, kw_only=True):
    """A sound database. `revision`: of its schema, empty where it has none yet; `current`: whether
    that is the present one."""

    size: int
    revision: str
    current: bool


def is_alone(path: Path) -> bool:
    """Whether the database is one file: nobody uses it, and nobody was killed while using it."""
    return not path.with_name(f"{path.name}-wal").exists()


def copy_database(source: Path, target: Path, told: Told, *, alone: bool = False) -> None:
    """Put what the database at `source` is now into the empty file at `target`, durably.

    `alone`: as in `inspect`. Raises `Corrupt` where the source is damaged, as far as copying shows
    it, and `Unavailable` where one of both can't be read or written now.
    """
    with _in_our_words(), closing(_reader(source, alone=alone)) as here:
        here.execute("BEGIN")
        here.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target, isolation_level=None)) as there:
            here.backup(
                there, pages=_STEP_PAGES, progress=lambda _, left, all_: told(all_ - left, all_)
            )
        with closing(sqlite3.connect(target, isolation_level=None)) as there:
            (mode,) = there.execute("PRAGMA journal_mode = DELETE").fetchone()
            if mode != "delete":
                raise Unavailable(f"the copy stays in {mode} mode")


def inspect(path: Path, *, alone: bool, full: bool) -> Inspected:
    """Look whether the database at `path` is ours, sound, and of a schema that we know.

    `alone`: nobody else uses it, and nothing lies beside it; it is a file that is only read.
    `full`: each index is held against its table too. Raises `Corrupt`, or `Unavailable`.
    """
    with _in_our_words(), closing(_reader(path, alone=alone)) as connection:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        if owner != APPLICATION_ID:
            raise Corrupt(f"{path} is not a database of vmuster", hint="name another file")
        (verdict,) = connection.execute(_FULL if full else _QUICK).fetchone()
        if verdict != "ok":
            raise damaged(str(verdict))
        has = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        (founded,) = connection.execute(has).fetchone()
        row = connection.execute(_REVISION).fetchone() if founded else None
    revision = str(row[0]) if row else ""
    known = revisions()
    if revision and revision not in known:
        raise Corrupt(
            f"{path} has schema {visible(bounded(revision))}, which is newer than this vmuster",
            hint="use the vmuster that wrote it, or a newer one",
        )
    return Inspected(
        size=path.stat().st_size, revision=revision, current=bool(known) and revision == known[0]
    )


def revisions() -> list[str]:
    """Every schema that there was, the present one first."""
    config = Config()
    config.set_main_option("script_location", "vmuster.stores:migrations")
    config.set_main_option("path_separator", "os")
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


def open_to_read(path: Path, *, alone: bool) -> SqlStore:
    """A store over a database of the present schema that nothing can be written to."""
    engine = create_engine(
        URL.create(
            "sqlite",
            database=path.absolute().as_uri(),
            query={"uri": "true", **_how(alone=alone)},
        ),
        hide_parameters=True,
    )
    take_any_text(engine)
    begin_with(engine, "BEGIN")
    event.listen(engine, "connect", _promise)
    threads = EngineThreads(engine, many=1)
    return SqlStore(writer=threads, reader=threads, dialect=SqliteDialect())


def _reader(path: Path, *, alone: bool) -> sqlite3.Connection:
    """A connection that reads. One that is not alone must be able to write what lies beside the
    database, since readers and writers speak to each other by it."""
    if not path.is_file():
        raise Unavailable(f"there is no database {path}", hint="name the file")
    how = "&".join(f"{name}={value}" for name, value in _how(alone=alone).items())
    address = f"{path.absolute().as_uri()}?{how}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    _promise(connection)
    return connection


def _promise(connection: Any, _entry: object = None) -> None:
    for promise in _PROMISES:
        connection.execute(promise)


def _how(*, alone: bool) -> dict[str, str]:
    return {"mode": "ro", "immutable": "1"} if alone else {"mode": "rw"}


@contextmanager
def _in_our_words() -> Generator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise translated(error) or damaged(str(error)) from error
