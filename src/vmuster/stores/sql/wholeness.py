"""Whether every index of a SQLite database says what its table says: looked at when it must be.

That takes several times as long as to look at the pages, which is done at each start. So it is done
at the start where anything may have happened to the file: its server was killed, the machine lost
power, it was copied from one at work. A server that has done it in its life, and that ends in good
order, says so in the file's header; then the next one may begin, and does it a while later
(`LateLook`), in the quiet time. The start after one that found damage then, or never came to look,
does it at the door again.
"""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from vmuster.stores.sql.sqlite import damaged, translated

_FULL: Final = "PRAGMA integrity_check(1)"
_PAGES: Final = "PRAGMA quick_check(1)"
_LAST: Final = "PRAGMA user_version"
_FINE: Final = "ok"
_PROMISES: Final = ("PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON")
_WAIT_SECONDS: Final = 5.0
"""How long another connection may write before we give up."""


class _Looked(IntEnum):
    """What was done last, as the file's header has it. FULL, PAGES: by a server that is at work, or
    was killed; LEFT: in full, by one that ended in good order."""

    NEVER = 0
    FULL = 1
    PAGES = 2
    LEFT = 3


def look_at_the_door(connection: Connection) -> str:
    """What is wrong with the database, in SQLite's words, where nobody else uses it; "" where
    nothing is. What was looked at is noted."""
    left = connection.execute(text(_LAST)).scalar_one() == _Looked.LEFT
    verdict = str(connection.execute(text(_PAGES if left else _FULL)).scalar_one())
    if verdict != _FINE:
        return verdict
    connection.execute(text(_note(_Looked.PAGES if left else _Looked.FULL)))
    return ""


def leave(path: Path) -> None:
    """The server of the database at `path` has ended in good order. Raises `Unavailable`, or
    `Corrupt`."""
    with _opened(path) as connection:
        if _last(connection) == _Looked.FULL:
            connection.execute(_note(_Looked.LEFT))


class LateLook:
    """The look at every index of the database at `path`, while a server is at work there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._stopped = False

    def take(self) -> None:
        """Look, where that was not done at the door; blocks. Raises `Corrupt` where the database is
        damaged, and `Unavailable`."""
        with _opened(self._path) as connection:
            if _last(connection) != _Looked.PAGES:
                return
            verdict = self._verdict(connection)
            if verdict not in ("", _FINE):
                raise damaged(f"{self._path}: {verdict}")
            if verdict:
                connection.execute(_note(_Looked.FULL))

    def stop(self) -> None:
        """Have a look that is under way in another thread end now, unfinished."""
        self._stopped, connection = True, self._connection
        if connection is not None:
            with suppress(sqlite3.ProgrammingError):  # it has just ended
                connection.interrupt()

    def _verdict(self, connection: sqlite3.Connection) -> str:
        """What SQLite says of the database; "" where it was stopped before it could tell."""
        self._connection = connection
        try:
            verdict = "" if self._stopped else str(connection.execute(_FULL).fetchone()[0])
        except sqlite3.OperationalError:
            if not self._stopped:
                raise
            return ""
        finally:
            self._connection = None
        return "" if self._stopped else verdict


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    """A connection of its own, in our words."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        with closing(
            sqlite3.connect(
                address,
                uri=True,
                timeout=_WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,  # another thread may interrupt it
            )
        ) as connection:
            for promise in _PROMISES:
                connection.execute(promise)
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise translated(error) or damaged(str(error)) from error


def _last(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute(_LAST).fetchone()
    return int(last)


def _note(looked: _Looked) -> str:
    return f"{_LAST} = {looked:d}"
