"""The stream of events: every entry once and in its order, however often a connection ends."""

import hashlib
import json
import random
import threading
from collections.abc import Callable, Generator
from typing import Any

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.api.routes import events
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Scope
from vmuster.server.watch import news, streams
from vmuster.server.watch.news import newest

Event = tuple[int, str, dict[str, Any]]


def write(world: Served, *what: str, kind: EntryKind = EntryKind.ALERT, at: float = 1.0) -> None:
    """Entries of the journal, in one commit."""
    entries = tuple(JournalEntry(at=at, kind=kind, actor="test", what=each) for each in what)
    assert world.run(world.fleet.store.commit((Changes(entries=entries),))) == [""]


def last(world: Served) -> int:
    return world.run(newest(world.fleet.store))


def whole(raw: bytes) -> tuple[list[Event], str]:
    """The events of which the whole was received, and the last id that was said."""
    found: list[Event] = []
    seen = ""
    for block in raw.decode("utf-8", "ignore").split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        seen = fields.get("id", seen)
        if "data" in fields and "event" in fields and fields["event"] != "end":
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found, seen


@pytest.fixture
def follow(http: httpx2.Client) -> Callable[..., Generator[bytes]]:
    """What comes of a stream, piece by piece; a piece is whatever the line brought."""

    def follow(seen: str = "", **params: Any) -> Generator[bytes]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": seen} if seen else {})
        with http.stream("GET", "events", headers=headers, params=params, timeout=20) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield from response.iter_raw()

    return follow


def read_until(pieces: Generator[bytes], enough: Callable[[list[Event]], bool]) -> list[Event]:
    raw = b""
    for piece in pieces:
        raw += piece
        if enough(whole(raw)[0]):
            break
    pieces.close()
    return whole(raw)[0]


def test_connections_that_end_anywhere_lose_nothing_and_repeat_nothing(
    world: Served, monkeypatch: pytest.MonkeyPatch, follow: Callable[..., Generator[bytes]]
) -> None:
    monkeypatch.setattr(news, "EVERY_SECONDS", 0.05)
    chance, start = random.Random(20), last(world)
    stop = threading.Event()

    def writes() -> None:
        own, number = random.Random(21), 0
        while not stop.wait(0.02 + 0.04 * own.random()):
            write(world, *(f"entry {number + more}" for more in range(own.choice((1, 1, 2, 9)))))
            number += 40

    writer = threading.Thread(target=writes)
    writer.start()
    got: list[Event] = []
    seen = str(start)
    try:
        for connection in range(200):
            if connection in (60, 130):
                world.restart()
            raw, cut = b"", chance.choice((1, 40, 300, 900, 5000))
            for piece in follow(seen):
                raw += piece
                if len(raw) >= cut:
                    break
            found, seen_now = whole(raw[: max(cut, 20)])
            got += found
            seen = seen_now or seen
    finally:
        stop.set()
        writer.join()
    write(world, "the last one")
    end = last(world)
    got += read_until(follow(seen), lambda found: bool(found) and found[-1][0] == end)
    ids = [each[0] for each in got]
    assert ids == list(range(start + 1, end + 1))
    assert len(ids) > 200
    entries = world.run(world.fleet.store.find(JournalEntry, after=(start,), limit=100_000))
    assert [each[2]["what"] for each in got] == [entry.what for entry in entries]


def test_an_event_is_the_entry_as_the_journal_gives_it(
    world: Served,
    alpha: Host,
    http: httpx2.Client,
    follow: Callable[..., Generator[bytes]],
) -> None:
    start = last(world)
    world.run(world.fleet.policy(drift="record", restart="always"))
    entry = JournalEntry(
        at=1_700_000_000.5, kind=EntryKind.ALERT, actor="x", what="é\n\u202e", host=alpha.id
    )
    world.run(world.fleet.store.commit((Changes(entries=(entry,)),)))
    end = last(world)
    (*_, got) = read_until(follow(str(start)), lambda found: len(found) == end - start)
    (shown,) = http.get("journal", params={"kind": "alert", "limit": 1}).json()["items"]
    assert got == (end, "alert", shown)
    assert got[2]["host_name"] == "alpha"
    assert got[2]["at"] == "2023-11-14T22:13:20.500000Z"


def test_only_what_is_wanted_is_given_and_the_place_is_said_all_the_same(
    world: Served, alpha: Host, follow: Callable[..., Generator[bytes]]
) -> None:
    start = last(world)
    write(world, "no", kind=EntryKind.DECISION)
    write(world, "yes", kind=EntryKind.ALERT)
    write(world, "also", kind=EntryKind.HELD)
    write(world, "no", kind=EntryKind.AUDIT)
    pieces = follow(str(start), kind=["alert", "held"])
    got = read_until(pieces, lambda found: len(found) == 2)
    assert [each[2]["what"] for each in got] == ["yes", "also"]
    entry = JournalEntry(at=1.0, kind=EntryKind.ALERT, actor="x", what="here", host=alpha.id)
    world.run(world.fleet.store.commit((Changes(entries=(entry,)),)))
    got = read_until(follow(str(start), host="alpha"), lambda found: len(found) == 1)
    assert [each[2]["what"] for each in got] == ["here"]


def test_a_stream_begins_now_or_at_a_moment_or_after_an_id(
    world: Served, follow: Callable[..., Generator[bytes]]
) -> None:
    write(world, "old", at=4_000_000_000.0)
    write(world, "from here", at=4_000_000_100.0)
    from_then = follow(since="2096-10-02T07:07:00Z")
    assert read_until(from_then, bool)[0][2]["what"] == "from here"
    now = follow()
    assert b"id: " in next(now)
    write(world, "news")
    assert [each[2]["what"] for each in read_until(now, bool)] == ["news"]
    after = follow(last_event_id=last(world) - 1)
    assert [each[2]["what"] for each in read_until(after, bool)] == ["news"]
    both = follow(str(last(world) - 1), last_event_id=0)
    assert read_until(both, bool)[0][2]["what"] == "news", "the header goes before the query"


def test_an_id_of_another_database_is_answered_by_relist(
    world: Served, http: httpx2.Client
) -> None:
    answer = http.get("events", headers={"Last-Event-ID": str(last(world) + 1)})
    assert problem(answer, 410)["type"] == "urn:vmuster:problem:relist"
    problem(http.get("events", params={"last_event_id": 10**18}), 410)


@pytest.mark.parametrize(
    "params",
    [{"last_event_id": "x"}, {"last_event_id": -1}, {"kind": "no"}, {"since": "noon"}],
    ids=str,
)
def test_what_makes_no_sense_is_refused(http: httpx2.Client, params: dict[str, str]) -> None:
    problem(http.get("events", params=params), 422)


def test_a_key_has_so_many_streams_and_gets_its_places_back(
    world: Served, http: httpx2.Client, follow: Callable[..., Generator[bytes]]
) -> None:
    held = [follow() for _ in range(streams.STREAMS_PER_KEY_MAX)]
    for each in held:
        next(each)
    refused = http.get("events", timeout=5)
    assert "streams open" in problem(refused, 429)["detail"]
    assert refused.headers["retry-after"]
    for each in held:
        each.close()
    write(world, "more")

    async def free() -> bool:
        return not world.fleet.service.streams._open  # pyright: ignore[reportPrivateUsage]

    world.run(world.fleet.until(free))
    start = last(world)
    write(world, "again")
    assert read_until(follow(str(start)), bool)


def test_where_nothing_is_new_a_comment_says_so(
    monkeypatch: pytest.MonkeyPatch, follow: Callable[..., Generator[bytes]]
) -> None:
    monkeypatch.setattr(events, "PULSE_SECONDS", 0.05)
    raw, pieces = b"", follow()
    while raw.count(b": nothing new\nid: ") < 2:
        raw += next(pieces)
    pieces.close()


def test_a_stream_ends_when_the_server_stops(
    world: Served, follow: Callable[..., Generator[bytes]]
) -> None:
    pieces = follow()
    assert next(pieces)
    world.restart()
    rest = b"".join(pieces)
    assert b'event: end\ndata: {"why":"the server stops"}' in rest


def test_a_key_that_is_revoked_or_over_ends_its_stream_soon(
    world: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = world.fleet.store
    digest = hashlib.sha256(b"vmuster_short").hexdigest()
    key = ApiKey(name="short", digest=digest, created_at=1.0, scope=Scope.READ)
    for after in (None, ApiKey(name="short", digest=digest, created_at=1.0, expires_at=2.0)):
        world.run(store.commit((Changes(writes=(Write(before=None, after=key),)),)))
        headers = {"Authorization": "Bearer vmuster_short"}
        with httpx2.stream("GET", f"{world.url}/api/v1/events", headers=headers) as response:
            pieces = response.iter_raw()
            assert b"id: " in next(pieces)
            before = world.run(store.get(ApiKey, "short"))
            world.run(store.commit((Changes(writes=(Write(before=before, after=after),)),)))
            assert b"the key is not valid any more" in b"".join(pieces)
        left = world.run(store.get(ApiKey, "short"))
        if left is not None:
            world.run(store.commit((Changes(writes=(Write(before=left, after=None),)),)))
    assert streams.KEYS_SECONDS < 5


def test_a_reader_that_stands_still_is_left(
    world: Served, monkeypatch: pytest.MonkeyPatch, follow: Callable[..., Generator[bytes]]
) -> None:
    monkeypatch.setattr(events, "SEND_SECONDS", 0.2)
    start = last(world)
    for _ in range(20):
        write(world, *("x" * 20_000 for _ in range(50)))
    pieces = follow(str(start))
    next(pieces)

    async def free() -> bool:
        return not world.fleet.service.streams._open  # pyright: ignore[reportPrivateUsage]

    world.run(world.fleet.until(free))
    pieces.close()
