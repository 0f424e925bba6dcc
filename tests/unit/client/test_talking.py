"""A lost answer is asked for again where that does no harm, and told of where it might."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from vmuster.client import talking
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.talking import Line

DONE = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'
LOST = b""


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
def line(*answers: bytes | None, patience: float = 5.0) -> Generator[tuple[Server, Line]]:
    """A line to a server with these answers; None: it hangs, and every one of them is asked for."""
    server = Server(*answers)
    server.thread.start()
    talk = Line(Profile(url=server.url, key="k"), patience=patience)
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


def test_a_request_with_a_key_is_the_very_same_request_again() -> None:
    with line(LOST, DONE) as (server, talk):
        assert talk.ask("POST", "vms/x/stop", json={"force": True}, key="k1") == {"a": 1}
    first, second = server.asked
    assert first == second
    assert b"idempotency-key: k1" in first.lower()
    assert b'"force":true' in first.replace(b" ", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
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


def test_a_url_that_is_none_is_said() -> None:
    with pytest.raises(ClientError, match="is no url"):
        Line(Profile(url="http://127.0.0.1:x", key="k"))
