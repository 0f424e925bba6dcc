"""Backups and restores that are killed at any moment, and one under load (F59-F61)."""

import multiprocessing
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.conformance.stores.test_crashes import contents
from tests.conformance.stores.writer import write_until_killed
from tests.system.backing import back_up, create_until_killed, restore_until_killed
from tests.unit.wiring.backups.folders import journal, quarantined, told, unheard
from vmuster.stores.sql.copying import inspect
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.wiring.backups.creating import create
from vmuster.wiring.backups.notes import backed_up
from vmuster.wiring.backups.restoring import restore

_PATIENCE_SECONDS = 60.0
_MIB = 1 << 20


def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.system.backing", "tests.conformance.stores.writer"])
    return context


def killed(target: object, *arguments: object) -> bool:
    """Whether the process was killed in the midst of it; else it was done."""
    process = processes().Process(target=target, args=arguments)  # pyright: ignore[reportArgumentType]
    process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "first")
    return tmp_path / "state"


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(
    state: Path, tmp_path: Path
) -> None:
    target, deaths = tmp_path / "to" / "a.db", 0
    target.parent.mkdir()
    for steps in (1, 2, 30, 60):
        deaths += killed(create_until_killed, state, target, steps)
        assert not target.exists()
        assert backed_up(state) is None
    assert deaths == 4
    create(state, target, 5.0, unheard)
    assert inspect(target, alone=True, full=True).current
    assert [each.name for each in target.parent.iterdir()] == ["a.db"]
    assert journal(state) == ["first"]


def test_a_restore_that_is_killed_is_whole_or_never_was(state: Path, tmp_path: Path) -> None:
    backup, deaths = tmp_path / "a.db", 0
    create(state, backup, 5.0, unheard)
    told(state, "second")
    for renames in range(1, 8):
        deaths += killed(restore_until_killed, state, backup, renames)
        assert journal(state) in (["first"], ["first", "second"])
        began = bool(list(state.glob("aside-*")))
        assert quarantined(state) is began
    assert deaths >= 4
    restore(state, backup, None, 2_000_000.0, unheard)
    assert journal(state) == ["first"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_200_mib_under_load_are_one_moment(tmp_path: Path) -> None:
    """Every set that is in the copy is whole, and so is the file; nobody waited for it."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    path = state / "vmuster.db"
    prepare(path)
    with closing(sqlite3.connect(path)) as filling:
        filling.execute("CREATE TABLE ballast (n BLOB)")
        for _ in range(200):
            filling.execute("INSERT INTO ballast VALUES (randomblob(?))", (_MIB,))
            filling.commit()
    context = processes()
    acknowledged, theirs = context.Pipe(duplex=False)
    writer = context.Process(target=write_until_killed, args=(path, 0, theirs))
    writer.start()
    try:
        assert acknowledged.poll(_PATIENCE_SECONDS)
        mine, backs_up = context.Pipe(duplex=False)
        backer = context.Process(target=back_up, args=(state, tmp_path / "a.db", backs_up))
        backer.start()
        during = 0
        while not mine.poll(0):
            during += acknowledged.poll(1.0) and acknowledged.recv() >= 0
        assert during > 2
        assert mine.recv() > 40
        backer.join(_PATIENCE_SECONDS)
    finally:
        writer.kill()
        writer.join()
    assert inspect(tmp_path / "a.db", alone=True, full=True).size > 200 * _MIB
    records, entries = contents(tmp_path / "a.db")
    assert set(records.values()) == {3}
    assert Counter(entries) == Counter(records.keys())
