"""What a start put off is looked at a while later, and damage ends the server (F62)."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import served_process
from tests.clocks import HandClock
from tests.served_process import serving
from vmuster.model.errors import Corrupt, Unavailable, VmusterError
from vmuster.wiring.serving import late_look
from vmuster.wiring.serving.late_look import leave_in_order, look_late

pytestmark = pytest.mark.anyio
DAMAGED = Corrupt("the database is damaged", hint="restore")
BUSY = Unavailable("the database does not answer", hint="wait")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Looks:
    """What the looks come to, one after the other, at which moment each is taken, and whether the
    last one was stopped."""

    def __init__(self, clock: HandClock, *found: VmusterError | None) -> None:
        self.at: list[float] = []
        self.stopped = False
        self._found = list(found)
        self._clock = clock

    def __call__(self, _path: Path) -> "Looks":
        return self

    def take(self) -> None:
        self.at.append(self._clock.monotonic())
        if error := self._found.pop(0):
            raise error

    def stop(self) -> None:
        self.stopped = True


Given = Callable[..., Looks]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(0.0)


@pytest.fixture
def given(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Given:
    def make(*found: VmusterError | None) -> Looks:
        looks = Looks(clock, *found)
        monkeypatch.setattr(late_look, "LateLook", looks)
        return looks

    return make


async def test_it_is_taken_once_after_the_first_round_of_reports(
    clock: HandClock, given: Given
) -> None:
    looks, ends = given(None), list[VmusterError]()
    await look_late(Path("a.db"), clock, ends.append)
    assert (looks.at, ends) == ([60.0], [])


async def test_damage_ends_the_server(clock: HandClock, given: Given) -> None:
    looks, ends = given(DAMAGED), list[VmusterError]()
    await look_late(Path("a.db"), clock, ends.append)
    assert (looks.at, ends) == ([60.0], [DAMAGED])


async def test_a_database_that_does_not_answer_is_looked_at_again(
    clock: HandClock, given: Given
) -> None:
    looks, ends = given(BUSY, BUSY, None), list[VmusterError]()
    await look_late(Path("a.db"), clock, ends.append)
    assert (looks.at, ends) == ([60.0, 120.0, 180.0], [])


async def test_whoever_ends_the_server_waits_for_no_look(clock: HandClock, given: Given) -> None:
    looks = given(None)
    looking = asyncio.create_task(look_late(Path("a.db"), clock, list[VmusterError]().append))
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert looks.stopped


async def test_what_can_not_be_said_at_the_end_is_no_failure(tmp_path: Path) -> None:
    leave_in_order(tmp_path / "gone.db")
    assert not (tmp_path / "gone.db").exists()


def test_damage_that_is_found_late_ends_the_server_in_the_words_of_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = (
        "import runpy; from vmuster.wiring.serving import late_look;"
        "late_look._AFTER_SECONDS = 0.1; runpy.run_module('vmuster.cli', run_name='__main__')"
    )
    monkeypatch.setattr(served_process, "PROGRAM", [sys.executable, "-c", at_once])
    with serving(tmp_path) as first:
        assert first.url
        assert first.end() == 0
    with closing(sqlite3.connect(tmp_path / "vmuster.db")) as database, database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_master SET sql = sql || ' WHERE version > 1' WHERE name = ?",
            ("ix_api_key_digest",),
        )
    said: list[list[str]] = []
    for log in (["serving", "stopped"], []):
        with serving(tmp_path) as damaged:
            assert damaged.wait() == 1
        events = [line["event"] for line in damaged.log]
        assert [event for event in events if event in ("serving", "stopped")] == log
        said.append([line for line in damaged.raw if not line.startswith("{")])
    assert said[0] == said[1]
    assert "the database is damaged" in said[0][0]
