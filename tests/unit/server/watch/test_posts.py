"""Webhooks are told all of their kinds, in its order, at least once; each at its own pace."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.outside import HandPoster, HandSealer
from tests.servers import Bench
from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.webhooks import Webhook
from vmuster.server.watch import posts as posting
from vmuster.server.watch.news import News, newest
from vmuster.server.watch.posts import Posts, Unposted, headers_of, pause_after

pytestmark = pytest.mark.anyio
ALERT, AUDIT, HELD = EntryKind.ALERT, EntryKind.AUDIT, EntryKind.HELD
SECRET = b"a secret of sixteen"


class Office:
    """Couriers over a bench, whose clock passes with every sleep."""

    def __init__(self, parts: Bench) -> None:
        self.parts = parts
        self.poster = HandPoster()
        self.tasks: list[asyncio.Task[None]] = []
        self.open()

    def open(self) -> None:
        context = self.parts.context
        self.news = News(context.store, context.clock)
        self.posts = Posts(context, self.news, HandSealer(), self.poster)
        self.tasks = [asyncio.create_task(each) for each in (self.news.run(), self.posts.run())]

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.posts.close()

    async def hook(self, name: str, *kinds: EntryKind) -> Webhook:
        hook = Webhook(
            name=name,
            url=f"https://{name}.example/x",
            sealed=SECRET[::-1],
            kinds=kinds or (ALERT,),
            created_at=self.parts.clock.now(),
            delivered=await newest(self.parts.store),
        )
        await self.write_row(None, hook)
        self.posts.begin_anew(name)
        return hook

    async def write_row(self, before: Webhook | None, after: Webhook | None) -> None:
        changes = Changes(writes=(Write(before=before, after=after),))
        assert await self.parts.store.commit((changes,)) == [""]

    async def write(self, *what: str, kind: EntryKind = ALERT) -> list[int]:
        now = self.parts.clock.now()
        entries = tuple(JournalEntry(at=now, kind=kind, actor="x", what=each) for each in what)
        assert await self.parts.store.commit((Changes(entries=entries),)) == [""]
        last = await newest(self.parts.store)
        return list(range(last - len(what) + 1, last + 1))

    async def row(self, name: str) -> Webhook:
        found = await self.parts.store.get(Webhook, name)
        assert found is not None
        return found

    def ids(self, name: str) -> list[int]:
        return [post.id for post in self.poster.posts if f"//{name}." in post.url]

    async def until(self, so: Callable[[], bool | Awaitable[bool]]) -> None:
        async with asyncio.timeout(10):
            while True:
                now = so()
                if now if isinstance(now, bool) else await now:
                    return
                await asyncio.sleep(0.001)


@pytest.fixture
async def office(parts: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Office]:
    monkeypatch.setattr(posting, "ROUNDS_SECONDS", 0.01)
    office = Office(parts)
    yield office
    await office.close()


async def test_everything_of_its_kinds_is_posted_in_order_and_signed(office: Office) -> None:
    await office.write("before it was added")
    await office.hook("one", ALERT, HELD)
    first = await office.write(*(f"alert {number}" for number in range(50)))
    await office.write("not wanted", kind=AUDIT)
    second = await office.write("held", kind=HELD)
    await office.until(lambda: office.ids("one") == [*first, *second])
    post = office.poster.posts[-1]
    assert post.headers["X-Vmuster-Event"] == "held"
    said = json.loads(post.body)
    assert (said["id"], said["kind"], said["what"]) == (second[0], "held", "held")
    assert said["at"].endswith("Z")
    at, signed = (part.partition("=")[2] for part in post.headers["X-Vmuster-Signature"].split(","))
    whole = at.encode() + b"." + post.body
    assert signed == hmac.new(SECRET, whole, hashlib.sha256).hexdigest()

    async def noted() -> bool:
        return (await office.row("one")).delivered >= second[0]

    await office.until(noted)


async def test_how_far_it_came_is_not_written_for_every_entry(office: Office) -> None:
    await office.hook("one")
    await office.write(*(f"alert {number}" for number in range(100)))
    await office.until(lambda: len(office.ids("one")) == 100)
    await office.close()
    assert (await office.row("one")).version <= 1 + 100 // 20 + 2


async def test_a_receiver_that_is_away_gets_everything_when_it_is_back(office: Office) -> None:
    clock = office.parts.clock
    hook = await office.hook("one")
    office.poster.away.add(hook.url)
    ids = await office.write("one", "two")
    began = clock.now()
    await office.until(lambda: len(office.poster.tried) > 5)
    row = await office.row("one")
    assert (row.failures >= 5, row.trouble, office.ids("one")) == (True, "nobody is there", [])
    assert clock.now() - began > sum(pause_after(count, 0.999) for count in range(1, 5))
    assert {post.id for post in office.poster.tried} == {ids[0]}, (
        "in order: the first holds the rest"
    )
    office.poster.away.clear()
    await office.until(lambda: office.ids("one") == ids)

    async def well() -> bool:
        now = await office.row("one")
        return (now.failures, now.trouble, now.delivered >= ids[1]) == (0, "", True)

    await office.until(well)


async def test_what_can_not_be_delivered_for_a_day_is_given_up_and_told_once(
    office: Office,
) -> None:
    hook = await office.hook("one")
    office.poster.away.add(hook.url)
    await office.write("lost", "lost too", "and this")

    async def told() -> bool:
        found = await office.parts.store.find(JournalEntry, kind=AUDIT)
        return any("is given up" in entry.what for entry in found)

    await office.until(told)
    office.poster.away.clear()
    late = await office.write("late")
    await office.until(lambda: office.ids("one") == late)
    found = await office.parts.store.find(JournalEntry, kind=AUDIT)
    said = [entry.what for entry in found if "is given up" in entry.what]
    assert len(said) == 1
    assert "webhook one: entry" in said[0]
    assert "nobody is there" in said[0]


async def test_a_slow_receiver_delays_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await office.hook("slow")
    await office.hook("fast")
    plain, stuck = office.poster.post, asyncio.Event()

    async def post(url: str, body: bytes, headers: dict[str, str]) -> None:
        if url == slow.url:
            await stuck.wait()
        await plain(url, body, headers)

    monkeypatch.setattr(office.poster, "post", post)
    ids = await office.write(*(f"alert {number}" for number in range(60)))
    await office.until(lambda: office.ids("fast") == ids)
    assert office.ids("slow") == []
    stuck.set()
    await office.until(lambda: office.ids("slow") == ids)


async def test_the_next_server_goes_on_where_this_one_came_to(office: Office) -> None:
    await office.hook("one")
    first = await office.write("a", "b")
    await office.until(lambda: office.ids("one") == first)
    await office.close()
    second = await office.write("c")
    office.open()
    await office.until(lambda: office.ids("one") == [*first, *second])


async def test_a_server_that_was_killed_repeats_at_most_what_it_had_not_written_down(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.hook("one")
    ids = await office.write(*(f"alert {number}" for number in range(60)))
    await office.until(lambda: len(office.ids("one")) == 60)
    await office.close()
    row = await office.row("one")
    await office.write_row(row, replace(row, delivered=ids[39]))
    office.open()
    await office.until(lambda: office.ids("one") == [*ids, *ids[40:]])


async def test_a_removed_webhook_is_told_no_more_and_its_successor_begins_anew(
    office: Office,
) -> None:
    await office.hook("one")
    first = await office.write("a")
    await office.until(lambda: office.ids("one") == first)

    async def idle() -> bool:
        return (await office.row("one")).delivered >= first[0]

    await office.until(idle)
    await office.write_row(await office.row("one"), None)
    office.posts.begin_anew("one")
    await office.write("to nobody")
    office.parts.clock.pass_by(1)
    await office.hook("one")
    second = await office.write("b")
    await office.until(lambda: office.ids("one") == [*first, *second])


async def test_in_quarantine_and_disarmed_alerts_go_out(office: Office) -> None:
    parts = office.parts
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    closed = replace(
        fleet,
        quarantine=Quarantine(since=1.0, evidence=(), highest=1),
        disarmed=Disarmed(by="ann", at=1.0, why="work"),
    )
    written = Changes(writes=(Write(before=fleet, after=closed),))
    assert await parts.store.commit((written,)) == [""]
    parts.context.fleet = replace(closed, version=fleet.version + 1)
    await office.hook("one")
    ids = await office.write("it is quarantine")
    await office.until(lambda: office.ids("one") == ids)


async def test_a_database_that_fails_once_ends_no_courier_for_good(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.hook("one")
    plain, failed = office.parts.store.find, list[str]()

    async def find(row: Any, /, **chosen: Any) -> Any:
        if row is JournalEntry and "kind" in chosen and not failed:
            failed.append("once")
            raise Unavailable("the disk is full")
        return await plain(row, **chosen)

    monkeypatch.setattr(office.parts.store, "find", find)
    ids = await office.write("a")
    await office.until(lambda: office.ids("one") == ids)
    assert failed


def test_pauses_grow_up_to_an_hour_and_are_spread() -> None:
    assert [pause_after(failures, 0.0) for failures in (1, 2, 3, 12, 13, 1000)] == [
        *(1.0, 2.0, 4.0, 2048.0, 3600.0, 3600.0),
    ]
    assert pause_after(3, 0.999) == pytest.approx(2.0, abs=0.01)


def test_the_signature_is_over_the_time_and_the_body() -> None:
    one = headers_of("alert", 7, SECRET, b"body", 100.9)
    assert one["X-Vmuster-Signature"].startswith("t=100,v1=")
    assert one["X-Vmuster-Delivery"] == "7"
    others = [
        headers_of("alert", 7, b"another", b"body", 100.0),
        headers_of("alert", 7, SECRET, b"bodY", 100.0),
        headers_of("alert", 7, SECRET, b"body", 101.0),
    ]
    assert len({each["X-Vmuster-Signature"] for each in (one, *others)}) == 4


async def test_a_rehearsal_posts_nothing_and_refuses_the_same() -> None:
    poster = HandPoster()
    rehearsed = Unposted(poster)
    await rehearsed.check("https://a.example/")
    await rehearsed.post("https://a.example/", b"", {})
    with pytest.raises(Exception, match="nothing may be posted"):
        await rehearsed.check("https://forbidden/")
    assert poster.tried == []
