"""Connections that come slowly, not at all, or in swarms (T19)."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from tests.served import KEYS, Served, served
from vmuster.api.gates.limits import Limits
from vmuster.model.host import Fleet
from vmuster.wiring.serving.wire import Wire

SECONDS = 0.6
"""For a head to come."""
CONNECTIONS = 12
DEADLINE = 15.0
ASK = f"GET /api/v1/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEYS['anna']}\r\n"


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    limits = Limits(head_seconds_max=SECONDS, connections_max=CONNECTIONS, body_seconds_max=SECONDS)
    with served("alpha", limits=limits) as world:
        yield world


@pytest.fixture(scope="module")
def patient() -> Generator[Served]:
    """A world in which whoever is late because the machine stood still is waited for."""
    limits = Limits(
        head_seconds_max=DEADLINE, connections_max=CONNECTIONS, body_seconds_max=DEADLINE
    )
    with served("alpha", limits=limits) as world:
        yield world


def wire(world: Served) -> socket.socket:
    address = urlsplit(world.url)
    return socket.create_connection((address.hostname or "", address.port or 0), DEADLINE)


def answered(talk: socket.socket, until: bytes = b"") -> bytes:
    """What comes until the other end hangs up, or until this has come."""
    got = b""
    with suppress(ConnectionResetError):
        while piece := talk.recv(65_536):
            got += piece
            if until and until in got:
                break
    return got


def trickled(talk: socket.socket, piece: bytes) -> bytes:
    """What comes while a byte is sent now and then, until the other end hangs up."""
    until, got = time.monotonic() + DEADLINE, b""
    talk.settimeout(0.05)
    while time.monotonic() < until:
        with suppress(BrokenPipeError, ConnectionResetError):
            talk.sendall(piece)
        try:
            more = talk.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionResetError:
            return got
        if not more:
            return got
        got += more
    raise AssertionError(f"it was still listening: {got!r}")


def kind(answer: bytes) -> str:
    """The kind of the problem that an answer is. It bears what every answer bears."""
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    (request,) = re.findall(rb"(?im)^x-request-id: ([0-9a-f]{32})\r?$", head)
    assert problem["instance"] == f"urn:vmuster:request:{request.decode()}"
    assert b"nosniff" in head
    return problem["type"].rpartition(":")[2]


@pytest.mark.parametrize("sent", ["", "GET /api/v1/status HT", ASK], ids=["none", "line", "head"])
def test_a_head_that_does_not_come_is_not_waited_for(world: Served, sent: str) -> None:
    with wire(world) as talk:
        talk.sendall(sent.encode())
        answer = answered(talk)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert kind(answer) == "too-slow"


def test_a_head_that_trickles_is_not_waited_for(world: Served) -> None:
    """The classic: one more header, again and again, and never the end."""
    with wire(world) as talk:
        talk.sendall(ASK.encode())
        assert trickled(talk, b"X-a: b\r\n").startswith(b"HTTP/1.1 408 ")


def test_a_second_head_that_trickles_is_not_waited_for(world: Served) -> None:
    with wire(world) as talk:
        talk.sendall(f"{ASK}\r\n".encode())
        assert answered(talk, b'"instance"').startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in trickled(talk, b"G")


def test_what_is_left_of_a_refused_request_is_not_waited_for(world: Served) -> None:
    """A stranger's body is not read; who goes on sending it does not keep the connection."""
    with wire(world) as talk:
        talk.sendall(b"POST /api/v1/hosts HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        assert trickled(talk, b"x").startswith(b"HTTP/1.1 401 ")


def test_a_body_that_trickles_is_not_waited_for(world: Served) -> None:
    head = ASK.replace("GET", "POST").replace("status", "clusters")
    with wire(world) as talk:
        talk.sendall(f"{head}Content-Length: 100000\r\n\r\n".encode())
        answer = trickled(talk, b" ")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert kind(answer) == "too-slow"


def test_an_answer_that_takes_long_is_waited_for(
    world: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the other end owes us is held against the clock."""
    get, slept = world.fleet.store.get, list[float]()

    async def slow_get(kind: type[Fleet], *key: object) -> Fleet | None:
        if not slept:
            slept.append(3 * SECONDS)
            await asyncio.sleep(slept[0])
        return await get(kind, *key)

    monkeypatch.setattr(world.fleet.store, "get", slow_get)
    with wire(world) as talk:
        talk.sendall(ASK.replace("status", "fleet").encode() + b"\r\n")
        assert b"200 OK" in answered(talk, b'"instance"')
    assert slept


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET /\r\n\r\n", b"G" * 70_000],
    ids=["tls", "version", "endless"],
)
def test_what_is_no_http_is_told_so_as_everything_else_is(patient: Served, sent: bytes) -> None:
    with wire(patient) as talk:
        talk.sendall(sent)
        answer = answered(talk)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert kind(answer) == "http"


def test_an_upgrade_is_no_way_past_the_gates(patient: Served) -> None:
    with wire(patient) as talk:
        talk.sendall(
            b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: eDV4NXg1eDV4NXg1eDV4NQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert answered(talk, b"instance").startswith(b"HTTP/1.1 401 ")


def test_no_answer_waits_for_the_receipt_of_its_own_head(patient: Served) -> None:
    """Nagle's algorithm and a delayed receipt: 40 ms each, once a connection is warm."""
    took = list[float]()
    with wire(patient) as talk:
        for _ in range(40):
            began = time.monotonic()
            talk.sendall(f"{ASK}\r\n".encode())
            assert b"200 OK" in answered(talk, b'"instance"')
            took.append(time.monotonic() - began)
    assert min(took[20:]) < 0.03


def test_more_than_may_be_connected_are_told_so_and_the_others_are_served(patient: Served) -> None:
    with ExitStack() as stack:
        talks = [stack.enter_context(wire(patient)) for _ in range(CONNECTIONS)]
        for talk in talks:
            talk.sendall(f"{ASK}\r\n".encode())
            assert b"200 OK" in answered(talk, b'"instance"')
        with wire(patient) as one_more:
            answer = answered(one_more)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert re.search(rb"(?i)retry-after: 1\r\n", answer)
        assert kind(answer) == "too-many"
        for talk in talks:
            talk.sendall(f"{ASK}\r\n".encode())
            assert b"200 OK" in answered(talk, b'"instance"')


def test_slow_ones_keep_nobody_out_for_long(world: Served) -> None:
    """As many slow connections as there may be, and still somebody is served soon."""
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(wire(world)).sendall(ASK.encode())
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            with wire(world) as talk:
                with suppress(BrokenPipeError, ConnectionResetError):
                    talk.sendall(f"{ASK}\r\n".encode())
                if b"200 OK" in answered(talk, b'"instance"'):
                    return
    raise AssertionError("nobody was served")


POST = "POST /api/v1/hosts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize("key", ["", "Authorization: Bearer none\r\n"], ids=["none", "bad"])
def test_what_can_not_be_read_behind_an_answer_is_no_failure_of_ours(
    patient: Served, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with wire(patient) as talk:
        talk.sendall(f"{POST}{key}\r\n".encode())
        assert answered(talk, b'"instance"').startswith(b"HTTP/1.1 401 ")
        talk.sendall(b"this is no chunk\r\n")
        assert answered(talk) == b""
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_a_body_that_can_not_be_read_is_told_so(patient: Served) -> None:
    with wire(patient) as talk:
        talk.sendall(f"{ASK}Transfer-Encoding: chunked\r\n\r\nthis is no chunk\r\n".encode())
        answer = answered(talk)
    assert (answer[:13], kind(answer)) == (b"HTTP/1.1 400 ", "http")


def test_who_takes_in_nothing_is_left(world: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger asks and asks, and reads no answer: neither a place nor a connection is kept."""
    monkeypatch.setattr(Wire, "unread_seconds", SECONDS)
    page = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    address = urlsplit(world.url)
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            talk = stack.enter_context(socket.socket())
            talk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            talk.connect((address.hostname, address.port))
            talk.sendall(page * 30)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            with wire(world) as talk:
                with suppress(BrokenPipeError, ConnectionResetError):
                    talk.sendall(f"{ASK}\r\n".encode())
                if b"200 OK" in answered(talk, b'"instance"'):
                    return
    raise AssertionError("nobody was served")


def test_what_a_key_began_before_it_was_revoked_is_not_done(world: Served) -> None:
    """The body of a request is held back until the key is revoked: it makes no other key."""
    body = b'{"name": "left-behind", "scope": "admin"}'
    with world.client() as client:
        stolen = client.create_api_key("stolen", scope="admin")["key"]
        head = f"Authorization: Bearer {stolen}\r\nContent-Length: {len(body)}\r\n"
        with wire(world) as talk:
            talk.sendall(
                f"POST /api/v1/api-keys HTTP/1.1\r\nHost: x\r\n{head}".encode()
                + b"Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
            )
            assert answered(talk, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
            assert client.revoke_api_key("stolen")["name"] == "stolen"
            talk.sendall(body)
            assert answered(talk, b"}")[:13] in (b"HTTP/1.1 401 ", b"HTTP/1.1 408 ")
        assert "left-behind" not in [key["name"] for key in client.api_keys()]
