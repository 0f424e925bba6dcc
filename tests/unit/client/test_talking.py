"""A lost answer is asked for again where that does no harm, and told of where it might."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from vmuster.client import talking
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.talking import Line

DONE = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'
LOST = b""
KEY = b"idempotency-key: "


def later(status: int, told: str | None = "3") -> bytes:
    """An answer that is none yet, and when to come again."""
    when = "" if told is None else f"Retry-After: {told}\r\n"
    head = f"HTTP/1.1 {status} Later\r\nContent-Length: 17\r\n{when}Connection: close\r\n\r\n"
    return head.encode() + b'{"title": "Late"}'


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "_PAUSES", (0.01, 0.01, 0.01))


class Server:
    """Answers each connection with the next of these; remembers what was asked."""

    def __init__(self, *answers: bytes | None, port: int = 0) -> None:
        self.asked: list[bytes] = []
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._enough = threading.Event()
        self.thread = threading.Thread(target=self._speak)

    def close(self) -> None:
        self._enough.set()
        self._listener.close()

    def _speak(self) -> None:
        for answer in self._answers:
            wire, _ = self._listener.accept()
            with wire:
                self.asked.append(_whole(wire))
                if answer is None:
                    self._enough.wait(10)
                else:
                    wire.sendall(answer)


def _whole(wire: socket.socket) -> bytes:
    """One request: its head, and as much of a body as that says."""
    request = wire.recv(10_000)
    while b"\r\n\r\n" not in request:
        request += wire.recv(10_000)
    head, _, body = request.partition(b"\r\n\r\n")
    length = [line for line in head.lower().splitlines() if line.startswith(b"content-length:")]
    while length and len(body) < int(length[0].partition(b":")[2]):
        body += wire.recv(10_000)
    return head + b"\r\n\r\n" + body


@contextmanager
def line(
    *answers: bytes | None,
    patience: float = 5.0,
    waiting: Callable[[float], None] = talking.in_silence,
) -> Generator[tuple[Server, Line]]:
    """A line to a server with these answers; None: it hangs, and every one of them is asked for."""
    server = Server(*answers)
    server.thread.start()
    talk = Line(Profile(url=server.url, key="k"), patience=patience, waiting=waiting)
    try:
        yield server, talk
    finally:
        talk.close()
        server.close()
        server.thread.join(10)
        assert not server.thread.is_alive()


def test_a_question_is_asked_again() -> None:
    with line(LOST, LOST, DONE) as (server, talk):
        assert talk.ask("GET", "status") == {"a": 1}
    assert len(server.asked) == 3


def test_what_is_fetched_is_given_as_it_is_and_asked_for_again() -> None:
    with line(LOST, DONE) as (server, talk):
        assert talk.fetch("recording/segments/1") == b'{"a": 1}'
    assert b"recording/segments/1" in server.asked[1]
    refusal = b'HTTP/1.1 404 Not found\r\nContent-Length: 17\r\n\r\n{"title": "Late"}'
    with line(refusal) as (_, talk), pytest.raises(ClientError, match="Late"):
        talk.fetch("recording/segments/1")


def test_a_request_with_a_key_is_the_very_same_request_again() -> None:
    with line(LOST, DONE) as (server, talk):
        assert talk.ask("POST", "vms/x/stop", json={"force": True}, key="k1") == {"a": 1}
    first, second = server.asked
    assert first == second
    assert b"idempotency-key: k1" in first.lower()
    assert b'"force":true' in first.replace(b" ", b"")


def test_every_post_has_a_key_of_its_own_and_is_sent_again() -> None:
    with line(LOST, DONE, DONE) as (server, talk):
        for _ in range(2):
            assert talk.ask("POST", "clusters", json={"name": "x"}) == {"a": 1}
    first, again, other = server.asked
    assert first == again
    keys = {one for asked in (first, other) for one in asked.lower().splitlines() if KEY in one}
    assert len(keys) == 2


def test_a_question_that_is_posted_has_none_and_is_asked_again() -> None:
    with line(LOST, DONE) as (server, talk):
        assert talk.ask("POST", "preview", json={}) == {"a": 1}
    assert KEY not in server.asked[0].lower()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_might_be_done_twice_is_not_asked_again(method: str) -> None:
    with line(LOST) as (server, talk), pytest.raises(ClientError, match="no answer") as caught:
        talk.ask(method, "hosts")
    assert len(server.asked) == 1
    assert "look before asking again" in caught.value.hint


def test_it_ends_after_the_last_pause() -> None:
    with line(LOST, LOST, LOST, LOST) as (server, talk), pytest.raises(ClientError):
        talk.ask("GET", "status")
    assert len(server.asked) == 4


def test_a_server_that_hangs_is_asked_once() -> None:
    with (
        line(None, patience=0.2) as (server, talk),
        pytest.raises(ClientError, match="no answer"),
    ):
        talk.ask("GET", "status")
    assert len(server.asked) == 1


def test_a_server_that_starts_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies in mid-answer; at the first repetition nobody listens, at the second it is back."""
    died = Server(LOST)
    back: list[Server] = []
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            died.close()
        else:
            back.append(Server(DONE, port=died.port))
            back[0].thread.start()

    monkeypatch.setattr(talking, "time", SimpleNamespace(sleep=pause))
    died.thread.start()
    talk = Line(Profile(url=died.url, key="k"))
    assert talk.ask("GET", "status") == {"a": 1}
    talk.close()
    assert len(pauses) == 2
    for server in (died, *back):
        server.close()
        server.thread.join(10)


class Patience:
    """Remembers how long was slept, and what was told; no time passes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slept: list[float] = []
        self.told: list[float] = []
        monkeypatch.setattr(talking, "time", SimpleNamespace(sleep=self.slept.append))


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    return Patience(monkeypatch)


@pytest.mark.parametrize(
    ("method", "key"), [("GET", ""), ("POST", "k1"), ("POST", ""), ("PUT", "")]
)
def test_what_was_too_much_is_asked_again_whatever_it_is(
    patience: Patience, method: str, key: str
) -> None:
    """Status 429 says that nothing was taken in."""
    with line(later(429), later(429, "1"), DONE, waiting=patience.told.append) as (server, talk):
        assert talk.ask(method, "hosts", json={"a": 1}, key=key) == {"a": 1}
    assert server.asked[0] == server.asked[1] == server.asked[2]
    assert patience.slept == patience.told == [3.0, 1.0]


@pytest.mark.parametrize(
    ("method", "key", "again"),
    [("GET", "", True), ("POST", "k1", True), ("POST", "", False), ("DELETE", "", False)],
)
def test_what_a_server_can_not_do_now_is_asked_again_where_that_does_no_harm(
    patience: Patience, method: str, key: str, again: bool
) -> None:
    with line(later(503), *([DONE] if again else [])) as (_, talk):
        if again:
            assert talk.ask(method, "hosts", key=key) == {"a": 1}
        else:
            with pytest.raises(ClientError, match="Late"):
                talk.ask(method, "hosts", key=key)
    assert patience.slept == ([3.0] if again else [])


def test_what_is_said_of_another_machine_is_not_waited_for(patience: Patience) -> None:
    with line(later(503)) as (_, talk), pytest.raises(ClientError, match="Late"):
        talk.ask("POST", "host-keys", json={"address": "nowhere.example"})
    assert patience.slept == []


@pytest.mark.parametrize(
    "told", [None, "", "soon", "-1", "1.5", "Sun, 06 Nov 1994 08:49:37 GMT", "٣", "9" * 400]
)
def test_a_time_that_is_none_is_not_waited_for(patience: Patience, told: str | None) -> None:
    with (
        line(later(429, told)) as (server, talk),
        pytest.raises(ClientError, match="Late") as caught,
    ):
        talk.ask("GET", "status")
    assert (len(server.asked), patience.slept, caught.value.status) == (1, [], 429)


def test_one_that_is_under_way_is_waited_for(patience: Patience) -> None:
    with line(LOST, later(409, "1"), DONE) as (_, talk):
        assert talk.ask("POST", "clusters", json={}) == {"a": 1}
    assert 1.0 in patience.slept


def test_a_refusal_is_not_waited_for(patience: Patience) -> None:
    with line(later(409, None)) as (server, talk), pytest.raises(ClientError):
        talk.ask("POST", "clusters", json={})
    assert (len(server.asked), patience.slept) == (1, [])


def test_nobody_is_waited_for_for_ever(patience: Patience) -> None:
    with line(*[later(429, "25")] * 3) as (server, talk), pytest.raises(ClientError):
        talk.ask("GET", "status")
    assert (len(server.asked), patience.slept) == (3, [25.0, 25.0])


def test_one_who_says_at_once_is_given_a_moment(patience: Patience) -> None:
    with line(later(429, "0"), DONE) as (_, talk):
        talk.ask("GET", "status")
    assert patience.slept == [1.0]


def test_an_answer_that_is_no_wait_is_the_answer(patience: Patience) -> None:
    with line(later(404)) as (server, talk), pytest.raises(ClientError):
        talk.ask("GET", "status")
    assert (len(server.asked), patience.slept) == (1, [])


def test_a_url_that_is_none_is_said() -> None:
    with pytest.raises(ClientError, match="is no url"):
        Line(Profile(url="http://127.0.0.1:x", key="k"))
