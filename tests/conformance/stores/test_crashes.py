"""Processes that die, and processes that come at once: SQLite under real processes (F04, F06).

A kill can't show what a power cut does (the page cache survives it): that part rests on
`synchronous = FULL`, which is read back on every connection.
"""

import asyncio
import multiprocessing
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.conformance.stores.first_schema import first_database
from tests.conformance.stores.second_schema import second_database
from tests.conformance.stores.writer import (
    open_and_write,
    open_without_privileges,
    set_of,
    upgrade_until_killed,
    write_until_killed,
)
from vmuster.model.journal import JournalEntry
from vmuster.model.vm import VmRecord
from vmuster.stores.sql.opening import open_sqlite


class Acknowledged(Protocol):
    """The end of a pipe that listens."""

    def poll(self, timeout: float = 0.0, /) -> bool:
        """Whether there is something to hear, after at most `timeout` seconds."""
        ...

    def recv(self) -> Any:
        """What was said."""
        ...


CYCLES = 20
ANSWER_SECONDS = 60.0


def processes() -> ForkServerContext:
    """Fresh processes that have the store's code loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.conformance.stores.writer"])
    return context


def heard(pipe: Acknowledged) -> Sequence[int]:
    """All that a dead writer still said."""
    numbers: list[int] = []
    try:
        while pipe.poll():
            numbers.append(pipe.recv())
    except EOFError:
        pass
    return numbers


def contents(path: Path) -> tuple[Counter[int], list[int]]:
    """How many records each set has, and which sets have their journal entry."""

    async def read() -> tuple[Counter[int], list[int]]:
        store = open_sqlite(path)
        records = await store.find(VmRecord, limit=1_000_000)
        entries = await store.find(JournalEntry, limit=1_000_000)
        await store.close()
        return Counter(row.uuid.int >> 8 for row in records), [int(e.what) for e in entries]

    return asyncio.run(read())


def test_what_was_acknowledged_survives_kill_9_and_nothing_is_half_there(tmp_path: Path) -> None:
    path, context, chance = tmp_path / "vmuster.db", processes(), random.Random(6)
    acknowledged: list[int] = []
    for cycle in range(CYCLES):
        mine, theirs = context.Pipe(duplex=False)
        writer = context.Process(target=write_until_killed, args=(path, cycle * 100_000, theirs))
        writer.start()
        theirs.close()
        assert mine.poll(ANSWER_SECONDS)
        wait([writer.sentinel], timeout=chance.uniform(0.0, 0.1))
        writer.kill()
        writer.join()
        acknowledged += heard(mine)
        mine.close()
        writer.close()
    records, entries = contents(path)
    assert len(acknowledged) >= 2 * CYCLES
    assert set(acknowledged) <= records.keys()
    assert set(records.values()) == {len(set_of(1).writes)}
    assert sorted(entries) == sorted(records)


def test_processes_that_open_a_new_database_at_once_take_turns(tmp_path: Path) -> None:
    path, context = tmp_path / "deep" / "vmuster.db", processes()
    pipes: list[Acknowledged] = []
    openers: list[ForkServerProcess] = []
    for number in range(4):
        mine, theirs = context.Pipe(duplex=False)
        openers.append(context.Process(target=open_and_write, args=(path, number, theirs)))
        pipes.append(mine)
    for opener in openers:
        opener.start()
    for pipe in pipes:
        assert pipe.poll(ANSWER_SECONDS)
        assert pipe.recv() == [""]
    for opener in openers:
        opener.join(ANSWER_SECONDS)
        assert opener.exitcode == 0
    assert sorted(contents(path)[1]) == [0, 1, 2, 3]


def version_of(path: Path) -> str:
    """The schema of the file, as any reader of it sees it."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.mark.parametrize(
    ("make", "schema", "step"), [(first_database, "0001", 12), (second_database, "0002", 7)]
)
def test_an_upgrade_killed_anywhere_leaves_the_schema_of_before(
    tmp_path: Path, make: Callable[[Path], Path], schema: str, step: int
) -> None:
    path, context = make(tmp_path / "vmuster.db"), processes()
    killed = 0
    for statements in count(step=step):
        upgrader = context.Process(target=upgrade_until_killed, args=(path, statements))
        upgrader.start()
        upgrader.join(ANSWER_SECONDS)
        if upgrader.exitcode == 0:
            break
        assert upgrader.exitcode == -signal.SIGKILL
        assert version_of(path) == schema
        killed += 1
    assert killed >= 5
    assert version_of(path) == "0004"
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM sighting").fetchone() == (2,)


CLOSED = {
    "a file that may not be written to": (0o700, 0o400),
    "a folder that may not be written to": (0o500, 0o600),
    "both": (0o500, 0o400),
    "a file that may not even be read": (0o700, 0o000),
}


@pytest.mark.parametrize(("folder_mode", "file_mode"), CLOSED.values(), ids=CLOSED.keys())
def test_what_may_not_be_written_to_is_unavailable_and_then_is_again(
    tmp_path: Path, folder_mode: int, file_mode: int
) -> None:
    path, context = tmp_path / "data" / "vmuster.db", processes()

    def tried(number: int) -> list[str]:
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=open_without_privileges, args=(path, number, theirs))
        process.start()
        assert mine.poll(ANSWER_SECONDS)
        process.join(ANSWER_SECONDS)
        return mine.recv()

    assert tried(1) == [""]
    path.chmod(file_mode)
    path.parent.chmod(folder_mode)
    kind, words = tried(2)
    path.parent.chmod(0o700)
    path.chmod(0o600)
    assert kind == "Unavailable"
    assert "may not be read and written" in words
    assert tried(3) == [""]
    assert contents(path)[1] == [1, 3]
