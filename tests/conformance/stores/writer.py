"""Processes that write until they are killed, and say what was acknowledged."""

import asyncio
import ctypes
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event

from tests.conformance.stores.rows import entry
from tests.parts import record
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import VmUuid
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.sqlite_file import prepare


def uuid_of(number: int, part: int) -> VmUuid:
    """The uuid of one of the three rows of one set."""
    return VmUuid(UUID(int=(number << 8) + part))


def set_of(number: int) -> Changes:
    """Three records and a journal entry that belong together."""
    return Changes(
        writes=tuple(
            Write(before=None, after=record(uuid=uuid_of(number, part), name=f"{number}-{part}"))
            for part in range(3)
        ),
        entries=(entry(what=str(number)),),
    )


def write_until_killed(path: Path, first: int, acknowledged: Connection) -> None:
    """Commit two sets at a time, from number `first` on; send each number once it is durable."""

    async def write() -> None:
        store = open_sqlite(path)
        number = first
        while True:
            assert await store.commit([set_of(number), set_of(number + 1)]) == ["", ""]
            acknowledged.send(number)
            acknowledged.send(number + 1)
            number += 2

    asyncio.run(write())


def open_and_write(path: Path, number: int, done: Connection) -> None:
    """Open the database, write one set, say whether that was acknowledged."""

    async def write() -> list[str]:
        store = open_sqlite(path)
        reasons = await store.commit([set_of(number)])
        await store.close()
        return reasons

    done.send(asyncio.run(write()))


def upgrade_until_killed(path: Path, statements: int) -> None:
    """Bring the database to the present schema, but die before statement number `statements`.

    A cache of one page sends what was changed to the disk long before the commit.
    """
    left = iter(range(statements))

    def spill(connection: Any, _entry: object) -> None:
        connection.execute("PRAGMA cache_size = 1")

    def die(*_statement: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "connect", spill)
    event.listen(Engine, "before_cursor_execute", die)
    prepare(path)


def open_without_privileges(path: Path, number: int, done: Connection) -> None:
    """As `open_and_write`, bound by the modes of files even where we are root; say why not."""
    version_3, own = 0x20080522, 0
    nothing = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(version_3, own), nothing)
    try:
        open_and_write(path, number, done)
    except (Corrupt, Unavailable) as refused:
        done.send([type(refused).__name__, str(refused)])
