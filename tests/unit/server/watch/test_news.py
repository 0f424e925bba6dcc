"""New entries are read once, and handed to everybody who waits for them."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.servers import Bench
from tests.unit.server.watch.conftest import Kept
from vmuster.model.changes import Changes
from vmuster.model.errors import Unavailable
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.watch.news import News, Told, newest, place_before

pytestmark = pytest.mark.anyio


class Ear:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def hear(self, told: Sequence[Told]) -> None:
        self.heard += [each.entry.id for each in told]


async def write(parts: Bench, *moments: float) -> None:
    entries = tuple(
        JournalEntry(at=at, kind=EntryKind.ALERT, actor="x", what="something") for at in moments
    )
    assert await parts.store.commit((Changes(entries=entries),)) == [""]


@pytest.fixture
def news(parts: Bench) -> News:
    return News(parts.store, parts.clock)


async def test_who_joins_hears_what_is_later_and_nothing_twice(parts: Bench, news: News) -> None:
    await write(parts, 1.0)
    await news.look()
    last, first, second = news.last, Ear(), Ear()
    assert last == await newest(parts.store)
    news.join(first)
    await write(parts, *(1.0 for _ in range(1100)))
    await news.look()
    news.join(second)
    await write(parts, 1.0)
    await news.look()
    news.leave(first)
    await write(parts, 1.0)
    await news.look()
    assert first.heard == list(range(last + 1, last + 1102))
    assert second.heard == [last + 1101, last + 1102]


async def test_who_joins_while_the_end_is_looked_for_misses_nothing(
    parts: Bench, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    await news.look()
    ear, last, plain = Ear(), news.last, parts.store.find

    async def find(row: Any, /, **chosen: Any) -> Any:
        found = await plain(row, **chosen)
        news.join(ear)
        return found

    await write(parts, 1.0)
    monkeypatch.setattr(parts.store, "find", find)
    await news.look()
    assert ear.heard == [last + 1]


async def test_nobody_is_asked_for_news_while_nobody_listens(
    parts: Bench, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> None:
        raise AssertionError

    monkeypatch.setattr(news, "look", never)
    running = asyncio.create_task(news.run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not running.done()
    running.cancel()


async def test_whoever_waits_is_woken_by_what_is_later(parts: Bench, news: News) -> None:
    await news.look()
    waiting = asyncio.create_task(news.later_than(news.last))
    running = asyncio.create_task(news.run())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not waiting.done()
    await write(parts, 1.0)
    async with asyncio.timeout(5):
        await waiting
        await news.later_than(0)
    running.cancel()


async def test_a_look_that_fails_is_made_again(
    parts: Bench, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    await news.look()
    plain, failed = news.look, list[str]()

    async def look() -> None:
        if not failed:
            failed.append("once")
            raise Unavailable("the disk is full")
        await plain()

    monkeypatch.setattr(news, "look", look)
    waiting = asyncio.create_task(news.later_than(news.last))
    running = asyncio.create_task(news.run())
    await write(parts, 1.0)
    async with asyncio.timeout(5):
        await waiting
    assert failed
    running.cancel()


async def test_the_place_before_a_moment_is_found_by_halving(parts: Bench) -> None:
    start = await newest(parts.store)
    later = parts.clock.now() + 1000
    await write(parts, *(later + step for step in range(100)))
    for step in (0, 1, 50, 99):
        assert await place_before(parts.store, later + step) == start + step
    assert await place_before(parts.store, later + 200) == start + 100
    assert await place_before(parts.store, 0.0) == 0


async def test_an_entry_that_can_not_be_read_silences_none_after_it(kept: Kept) -> None:
    news, ear, store = News(kept.parts.store, kept.parts.clock), Ear(), kept.parts.store
    await news.look()
    last = news.last
    news.join(ear)
    await write(kept.parts, 1.0, 1.0)
    kept.damage(last + 2)
    assert await newest(store) == last + 1
    await write(kept.parts, 1.0)
    kept.damage(last + 1)
    await news.look()
    assert (ear.heard, news.last) == ([last + 3], last + 3)


async def test_the_place_before_a_moment_is_found_over_gaps_and_damage(kept: Kept) -> None:
    store, start = kept.parts.store, await newest(kept.parts.store)
    later = kept.parts.clock.now() + 1000
    await write(kept.parts, *(later + step for step in range(100)))
    kept.damage(start + 1 + 49)
    kept.remove(start + 1 + 40, start + 1 + 48)
    for moment, first in ((later + 5, 5), (later + 39, 39), (later + 45, 50), (later + 77, 77)):
        (entry,) = await store.find(
            JournalEntry, limit=1, after=(await place_before(store, moment),), readable=True
        )
        assert entry.id == start + 1 + first
