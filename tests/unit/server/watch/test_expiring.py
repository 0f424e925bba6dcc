"""Kept answers go when they are a day old, or when there are too many; the others stay."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Bench, bench
from vmuster.model.changes import Changes, Write
from vmuster.model.operations import RequestAnswer
from vmuster.server.watch import expiring
from vmuster.server.watch.expiring import KEPT_SECONDS, drop_expired
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio


async def keep(parts: Bench, *keys: str) -> None:
    rows = [
        RequestAnswer(
            actor="ann", key=key, digest="", status=200, body="{}", created_at=parts.clock.now()
        )
        for key in keys
    ]
    changes = Changes(writes=tuple(Write(before=None, after=row) for row in rows))
    assert await parts.store.commit([changes]) == [""]


async def kept(parts: Bench) -> list[str]:
    await drop_expired(parts.context)
    return [row.key for row in await parts.store.find(RequestAnswer)]


async def test_what_is_a_day_old_goes(parts: Bench) -> None:
    await keep(parts, "a", "b")
    parts.clock.pass_by(1)
    await keep(parts, "c")
    assert await kept(parts) == ["a", "b", "c"]
    parts.clock.pass_by(KEPT_SECONDS - 1.5)
    assert await kept(parts) == ["a", "b", "c"]
    parts.clock.pass_by(1)
    assert await kept(parts) == ["c"]
    parts.clock.pass_by(1)
    assert await kept(parts) == []


async def test_of_too_many_the_oldest_go(parts: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "KEPT_MAX", 300)
    for number in range(302):
        await keep(parts, f"{number:03}")
        parts.clock.pass_by(1)
    left = await kept(parts)
    assert (len(left), left[0], left[-1]) == (300, "002", "301")


async def test_many_go_some_at_a_time(parts: Bench) -> None:
    await keep(parts, *(f"{number:03}" for number in range(250)))
    parts.clock.pass_by(KEPT_SECONDS)
    assert len(await kept(parts)) == 50
    assert await kept(parts) == []


async def test_one_that_can_t_be_read_keeps_no_other(tmp_path: Path) -> None:
    path = tmp_path / "vmuster.db"
    store = await asyncio.to_thread(open_sqlite, path)
    parts = await bench(store)
    await keep(parts, "a", "b")
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE request_answer SET status = 'done' WHERE key = 'a'")
        other.commit()
    parts.clock.pass_by(KEPT_SECONDS + 1)
    await drop_expired(parts.context)
    assert await store.find(RequestAnswer, readable=True) == []
    await store.close()
