"""When numbers are counted anew, and what is told where the database is slow, or silent."""

import asyncio

import pytest

from tests.servers import Bench, bench, seen, vm
from vmuster.model.errors import Unavailable
from vmuster.ports.store import Row
from vmuster.server.figures import catalogue as of
from vmuster.server.figures import scrape as module
from vmuster.server.figures.metric import Metric
from vmuster.server.figures.scrape import CACHED_SECONDS, Scrape
from vmuster.server.watch.news import News
from vmuster.server.watch.streams import Streams
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Watched(MemoryStore):
    """Notes how often it counts what is unseen; waits for `gate` then, and fails with `failing`;
    to be asked for the fleet it fails with `silent`."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = 0
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing: Exception | None = None
        self.silent: Exception | None = None

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        if self.silent is not None:
            raise self.silent
        return await super().get(kind, *key)

    async def unseen(self) -> dict[object, int]:
        self.counts += 1
        self.begun.set()
        await self.gate.wait()
        if self.failing is not None:
            raise self.failing
        return await super().unseen()


async def at_work() -> tuple[Watched, Bench, Scrape]:
    store = Watched()
    parts = await bench(store)
    streams = Streams(parts.store, parts.clock, News(parts.store, parts.clock))
    return store, parts, Scrape(parts.context, streams)


async def value(scrape: Scrape, metric: Metric) -> float | None:
    told = (await scrape.gauges()).get(metric.name)
    return None if told is None else sum(sample.value for sample in told)


async def test_what_was_counted_is_told_again_for_a_while() -> None:
    store, parts, scrape = await at_work()
    host = await parts.host()
    assert await value(scrape, of.VMS) is None
    await parts.report(host, seen(vm(1)))
    parts.clock.pass_by(CACHED_SECONDS - 1)
    assert await value(scrape, of.VMS) is None
    assert store.counts == 1
    parts.clock.pass_by(1)
    assert await value(scrape, of.VMS) == 1
    assert store.counts == 2


async def test_many_that_ask_at_once_have_it_counted_once() -> None:
    store, _, scrape = await at_work()
    await asyncio.gather(*(scrape.gauges() for _ in range(20)))
    assert store.counts == 1


async def test_a_slow_count_is_followed_by_a_long_rest() -> None:
    store, parts, scrape = await at_work()
    store.gate.clear()
    asked = asyncio.create_task(scrape.gauges())
    await store.begun.wait()
    parts.clock.pass_by(3)
    store.gate.set()
    await asked
    parts.clock.pass_by(59)
    await scrape.gauges()
    assert store.counts == 1
    parts.clock.pass_by(2)
    await scrape.gauges()
    assert store.counts == 2


async def test_who_asks_while_it_is_counted_is_told_what_was_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAITED_SECONDS", 0.01)
    store, parts, scrape = await at_work()
    counted = await value(scrape, of.COUNTED)
    parts.clock.pass_by(CACHED_SECONDS)
    store.gate.clear()
    assert await value(scrape, of.COUNTED) == counted
    assert await value(scrape, of.DATABASE_UP) == 1
    assert store.counts == 2
    store.gate.set()
    await scrape.close()


@pytest.mark.parametrize("error", [Unavailable("not now"), TimeoutError()], ids=repr)
async def test_a_database_that_does_not_answer_says_nothing(error: Exception) -> None:
    store, _, scrape = await at_work()
    assert await value(scrape, of.DATABASE_UP) == 1
    store.silent = error
    assert await value(scrape, of.DATABASE_UP) == 0
    assert await value(scrape, of.HEAD) is None
    assert await value(scrape, of.QUARANTINE) == 0, "what is known by heart is told"
    store.silent = None
    assert await value(scrape, of.DATABASE_UP) == 1
    assert await value(scrape, of.HEAD) is not None


@pytest.mark.parametrize("error", [Unavailable("not now"), ValueError("ours")], ids=repr)
async def test_what_could_not_be_counted_is_not_told(error: Exception) -> None:
    store, parts, scrape = await at_work()
    assert await value(scrape, of.HEAD) is not None
    store.failing = error
    parts.clock.pass_by(CACHED_SECONDS)
    assert await value(scrape, of.HEAD) is None
    assert await value(scrape, of.DATABASE_UP) == 1
    store.failing = None
    parts.clock.pass_by(CACHED_SECONDS)
    assert await value(scrape, of.HEAD) is not None


async def test_a_count_that_hangs_is_not_waited_for_and_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAITED_SECONDS", 0.01)
    monkeypatch.setattr(module, "COUNTED_SECONDS_MAX", 0.03)
    store, parts, scrape = await at_work()
    store.gate.clear()
    assert await value(scrape, of.HEAD) is None
    async with asyncio.timeout(10):
        while store.counts < 2:  # the first was given up
            parts.clock.pass_by(100)
            await scrape.gauges()
    await scrape.close()


async def test_closing_ends_a_count_that_is_under_way() -> None:
    store, _, scrape = await at_work()
    store.gate.clear()
    asked = asyncio.create_task(scrape.gauges())
    await store.begun.wait()
    await scrape.close()
    assert await asked


async def test_clusters_are_named_by_their_age() -> None:
    """So that it is the same fifty that have a name, whichever host comes first."""
    _, parts, scrape = await at_work()
    for name in ("zeta", "beta"):
        parts.clock.pass_by(1)
        await parts.estate.add_cluster(name, actor="ann")
    told = (await scrape.gauges())[of.BREAKER.name]
    assert [sample.labels[0] for sample in told] == ["default", "zeta", "beta"]
