"""A process that writes until it is killed, and says what was acknowledged."""

import asyncio
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from tests.conformance.stores.rows import entry
from tests.parts import record
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import VmUuid
from vmuster.stores.sql.opening import open_sqlite


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
