"""Streams: from any place on, every entry once and in its order; bounded in every respect."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from tests.parts import HOST, VM
from tests.servers import Bench
from tests.unit.server.watch.conftest import Kept
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.server.watch import streams as streaming
from vmuster.server.watch.news import News, Told, newest
from vmuster.server.watch.streams import INVALID, SLOW, STOPPING, Stream, Streams, TooMany, Wanted

pytestmark = pytest.mark.anyio
KEY = ApiKey(name="ann", digest="d", created_at=1.0)
ALL = Wanted()
LONG = 60.0


@pytest.fixture
def news(parts: Bench) -> News:
    return News(parts.store, parts.clock)


@pytest.fixture
def streams(parts: Bench, news: News) -> Streams:
    return Streams(parts.store, parts.clock, news)


async def write(parts: Bench, count: int, kind: EntryKind = EntryKind.ALERT) -> list[int]:
    entries = tuple(JournalEntry(at=1.0, kind=kind, actor="x", what="it") for _ in range(count))
    assert await parts.store.commit((Changes(entries=entries),)) == [""]
    last = await newest(parts.store)
    return list(range(last - count + 1, last + 1))


async def take(told: AsyncGenerator[Sequence[Told]], count: int) -> list[int]:
    got: list[int] = []
    async with asyncio.timeout(5):
        while len(got) < count:
            got += [each.entry.id for each in await anext(told)]
    return got


async def test_the_past_is_read_and_the_news_follow_without_a_gap(
    parts: Bench, news: News, streams: Streams
) -> None:
    start = await newest(parts.store)
    ids = await write(parts, 500)
    with await streams.open(KEY, ALL, start) as stream:
        told = stream.told(LONG)
        got = await take(told, 150)
        ids += await write(parts, 300)
        reader = asyncio.create_task(take(told, len(ids) + 1 - len(got)))
        for _ in range(100):
            await asyncio.sleep(0)
        ids += await write(parts, 1)
        await news.look()
        got += await reader
        await told.aclose()
    assert got == ids


async def test_an_entry_that_can_not_be_read_is_passed_over(kept: Kept) -> None:
    start = await newest(kept.parts.store)
    ids = await write(kept.parts, 3)
    kept.damage(ids[1])
    news = News(kept.parts.store, kept.parts.clock)
    with await Streams(kept.parts.store, kept.parts.clock, news).open(KEY, ALL, start) as stream:
        told = stream.told(LONG)
        assert await take(told, 2) == [ids[0], ids[2]]
        await told.aclose()


async def test_only_what_is_wanted_is_given_and_the_place_goes_on(
    parts: Bench, news: News, streams: Streams
) -> None:
    start = await newest(parts.store)
    await write(parts, 300, EntryKind.DECISION)
    (alert,) = await write(parts, 1)
    await write(parts, 3, EntryKind.DECISION)
    wanted = Wanted(kinds=frozenset({EntryKind.ALERT}))
    with await streams.open(KEY, wanted, start) as stream:
        told = stream.told(LONG)
        assert await take(told, 1) == [alert]
        assert stream.place == alert + 3
        reader = asyncio.create_task(take(told, 1))
        for _ in range(20):
            await asyncio.sleep(0)
        await write(parts, 1, EntryKind.AUDIT)
        (last,) = await write(parts, 1)
        await news.look()
        assert await reader == [last]


def test_what_is_wanted_is_all_that_is_said() -> None:
    entry = JournalEntry(at=1.0, kind=EntryKind.HELD, actor="x", what="it", host=HOST, vm=VM)
    held = frozenset({EntryKind.HELD})
    assert Wanted(host=HOST, vm=VM, kinds=held).fits(entry)
    assert Wanted().fits(entry)
    assert not Wanted(host=HOST, kinds=frozenset({EntryKind.ALERT})).fits(entry)
    other = JournalEntry(at=1.0, kind=EntryKind.HELD, actor="x", what="it")
    assert not Wanted(host=HOST).fits(other)
    assert not Wanted(vm=VM).fits(other)
    assert Wanted(host=HOST, kinds=held).query == {"host": HOST, "kind": held}


async def test_a_silence_is_told_as_such(parts: Bench, streams: Streams) -> None:
    with await streams.open(KEY, ALL, await newest(parts.store)) as stream:
        assert streams.number == 1
        told = stream.told(0.01)
        assert list(await anext(told)) == []
        assert stream.place == await newest(parts.store)
    assert streams.number == 0


async def test_who_does_not_keep_up_is_ended_and_holds_nothing(
    parts: Bench, news: News, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "WAITING_MAX", 10)
    with await streams.open(KEY, ALL, await newest(parts.store)) as stream:
        told = stream.told(LONG)
        reader = asyncio.create_task(take(told, 1))
        for _ in range(20):
            await asyncio.sleep(0)
        (first,) = await write(parts, 1)
        await news.look()
        assert await reader == [first]
        await write(parts, 11)
        await news.look()
        assert stream.ended == SLOW
        with pytest.raises(StopAsyncIteration):
            await anext(told)


async def test_there_are_so_many_streams_and_no_more(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STREAMS_MAX", 3)
    monkeypatch.setattr(streaming, "STREAMS_PER_KEY_MAX", 2)
    other = ApiKey(name="bert", digest="e", created_at=1.0)
    mine = [await streams.open(KEY, ALL, 0) for _ in range(2)]
    with pytest.raises(TooMany, match="this key has 2"):
        await streams.open(KEY, ALL, 0)
    with await streams.open(other, ALL, 0), pytest.raises(TooMany, match="3 streams"):
        await streams.open(other, ALL, 0)
    mine[0].__exit__(None, None, None)
    with await streams.open(KEY, ALL, 0):
        pass


async def ends(stream: Stream) -> str:
    async with asyncio.timeout(5):
        async for _ in stream.told(LONG):
            pass
    return stream.ended


async def test_a_stop_ends_every_stream_and_opens_no_other(streams: Streams) -> None:
    with await streams.open(KEY, ALL, 0) as stream:
        ending = asyncio.create_task(ends(stream))
        await asyncio.sleep(0)
        streams.stop()
        assert await ending == STOPPING
    with pytest.raises(Unavailable, match="stops"):
        await streams.open(KEY, ALL, 0)


@pytest.mark.parametrize(
    ("after", "ended"),
    [
        (None, True),
        (ApiKey(name="ann", digest="another", created_at=2.0), True),
        (ApiKey(name="ann", digest="d", created_at=1.0, expires_at=1_000_000.0), True),
        (ApiKey(name="ann", digest="d", created_at=1.0, expires_at=1_000_001.0), False),
    ],
    ids=["revoked", "made anew", "over", "good"],
)
async def test_a_key_that_is_not_valid_any_more_ends_its_streams(
    parts: Bench, streams: Streams, after: ApiKey | None, *, ended: bool
) -> None:
    if after is not None:
        write_key = Changes(writes=(Write(before=None, after=after),))
        assert await parts.store.commit((write_key,)) == [""]
    with await streams.open(KEY, ALL, 0) as stream:
        await streams.look_at_keys()
        assert stream.ended == (INVALID if ended else "")


async def test_keys_are_looked_at_again_and_again(parts: Bench, streams: Streams) -> None:
    with await streams.open(KEY, ALL, 0) as stream:
        running = asyncio.create_task(streams.run())
        assert await ends(stream) == INVALID
        running.cancel()
    assert streaming.KEYS_SECONDS < 5
