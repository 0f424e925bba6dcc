"""Work of an engine is done aside, by as few threads as it has connections."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from vmuster.model.errors import Unavailable
from vmuster.stores.sql import threads
from vmuster.stores.sql.threads import EngineThreads, Lasting


@pytest.fixture
def single(tmp_path: Path) -> Iterator[EngineThreads]:
    engine = create_engine(f"sqlite:///{tmp_path}/a.db", pool_size=1, max_overflow=0)
    opened = EngineThreads(engine, many=1)
    yield opened
    opened.close()


def test_work_is_done_in_another_thread_that_knows_of_whom_it_is(single: EngineThreads) -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")

    async def story() -> tuple[str, bool]:
        whose.set("mine")
        here = threading.get_ident()
        return await single.run(lambda: (whose.get(), threading.get_ident() == here))

    assert asyncio.run(story()) == ("mine", False)


def test_who_waits_too_long_for_a_thread_is_told(
    single: EngineThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_WAIT_SECONDS", 0.05)

    async def story() -> None:
        go_on, begun = threading.Event(), threading.Event()

        def work() -> bool:
            begun.set()
            return go_on.wait(20)

        busy = asyncio.create_task(single.run(work))
        assert await asyncio.to_thread(begun.wait, 20)
        with pytest.raises(Unavailable, match="in use"):
            await single.run(lambda: None)
        go_on.set()
        assert await busy
        assert await single.run(lambda: "free") == "free"

    asyncio.run(story())


def test_an_error_is_its_callers(single: EngineThreads) -> None:
    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(single.run(fail))


def test_what_lasts_is_undone_and_gives_its_connection_back(single: EngineThreads) -> None:
    with single.engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (n)"))
    lasting = Lasting(single.engine)
    lasting.connection().execute(text("INSERT INTO a VALUES (1)"))
    assert lasting.connection() is lasting.connection()
    lasting.undo()
    with single.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM a")).all() == []


def test_what_never_began_needs_no_undoing(single: EngineThreads) -> None:
    Lasting(single.engine).undo()
    assert single.engine.pool.status().endswith("Current Checked out connections: 0")
