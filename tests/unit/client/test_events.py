"""`Client.events`: without an end, and without loss, over real HTTP and over a line that fails."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import httpx2
import pytest

from tests.served import Served
from vmuster.client import events
from vmuster.client.errors import ClientError
from vmuster.client.events import Events
from vmuster.client.rest import Client
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.watch.news import newest


def write(world: Served, *what: str, host: Host | None = None) -> None:
    at = None if host is None else host.id
    entries = tuple(
        JournalEntry(at=1.0, kind=EntryKind.ALERT, actor="test", what=each, host=at)
        for each in what
    )
    assert world.run(world.fleet.store.commit((Changes(entries=entries),))) == [""]


def take(stream: Iterator[dict[str, Any]], count: int) -> list[str]:
    return [entry["what"] for entry in islice(stream, count)]


def test_it_goes_on_over_a_restart_of_the_server(client: Client, world: Served) -> None:
    start = world.run(newest(world.fleet.store))
    stream = client.events(last_event_id=start, kinds=["alert"])
    write(world, "one", "two")
    assert take(stream, 1) == ["one"]
    world.restart()
    write(world, "three")
    assert take(stream, 2) == ["two", "three"]


def test_what_is_wanted_is_said(client: Client, world: Served, alpha: Host) -> None:
    start = world.run(newest(world.fleet.store))
    write(world, "elsewhere")
    write(world, "here", host=alpha)
    stream = client.events(last_event_id=start, kinds=["alert", "held"], host="alpha")
    assert take(stream, 1) == ["here"]
    since = client.events(since="1970-01-01T00:00:01Z", kinds=["alert"], host="alpha")
    assert take(since, 1) == ["here"]


def test_a_refusal_is_told_at_once(client: Client, world: Served) -> None:
    with pytest.raises(ClientError) as refused:
        take(client.events(last_event_id=10**9), 1)
    assert refused.value.status == 410
    with pytest.raises(ClientError) as refused:
        take(client.events(host="nobody"), 1)
    assert refused.value.status == 404
    assert world.url


class Lines:
    """A line on which one after another of these things comes; then it is dead."""

    def __init__(self, *comes: str | Exception) -> None:
        self.comes = list(comes)
        self.seen: list[str] = []

    @contextmanager
    def follow(
        self, path: str, *, params: dict[str, Any], seen: str, silence_seconds: float
    ) -> Generator[httpx2.EventSource]:
        self.seen.append(seen)
        come = self.comes.pop(0) if self.comes else httpx2.ConnectError("nobody")
        if isinstance(come, Exception):
            raise come
        head = {"Content-Type": "text/event-stream"}
        request = httpx2.Request("GET", "http://x/")
        yield httpx2.EventSource(httpx2.Response(200, headers=head, text=come, request=request))


def said(number: int) -> str:
    return f'id: {number}\nevent: alert\ndata: {{"what": "{number}"}}\n\n'


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_line_that_breaks_is_taken_up_after_the_last_whole_event(slept: list[float]) -> None:
    line = Lines(
        "id: 6\nretry: 1000\n\n",
        said(7) + "id: 8\nevent: alert\nda",
        httpx2.ReadTimeout("silence"),
        ClientError("too many", status=429),
        said(8) + ": nothing new\nid: 20\n\n",
        'event: end\ndata: {"why": "the server stops"}\n\n' + said(21),
        said(22),
    )
    assert take(Events(line).events(), 3) == ["7", "8", "22"]  # pyright: ignore[reportArgumentType]
    assert line.seen[:2] == ["", "6"]
    assert line.seen[2] in ("7", "8")
    assert line.seen[-2:] == ["20", "20"]
    assert slept == [0.1, 0.1, 0.3, 1.0, 0.1, 0.3]


def test_it_is_given_up_in_the_end(slept: list[float]) -> None:
    with pytest.raises(ClientError, match="the stream of events is lost"):
        take(Events(Lines()).events(), 1)  # pyright: ignore[reportArgumentType]
    assert slept == list(events._PAUSES)  # pyright: ignore[reportPrivateUsage]
    assert 60 < sum(slept) < 180


def test_a_server_that_greets_and_fails_is_given_up_too(slept: list[float]) -> None:
    greetings = ["id: 6\nretry: 1000\n\n"] * 30
    with pytest.raises(ClientError, match="the stream of events is lost"):
        take(Events(Lines(*greetings)).events(), 1)  # pyright: ignore[reportArgumentType]
    assert slept == list(events._PAUSES)  # pyright: ignore[reportPrivateUsage]
