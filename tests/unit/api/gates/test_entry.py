"""Path, key and size, before any route."""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.types import Message
from structlog.testing import capture_logs

from tests.doors import Door, at_door
from tests.served import KEYS, Served
from tests.unit.api.problem import problem
from vmuster.api import app
from vmuster.api.gates.limits import Limits
from vmuster.model.host import Host

BODY_BYTES_MAX = Limits().body_bytes_max


def test_the_head_of_an_answer_is_there_wherever_the_answer_is(http: httpx2.Client) -> None:
    whole, head = http.get("hosts"), http.head("hosts")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert http.head("hosts").status_code == 200, "the connection is still good"
    problem(http.get("nothing"), 404)
    assert (http.head("nothing").status_code, http.head("nothing").content) == (404, b"")
    assert http.head("preview").status_code == 405


def test_the_head_of_an_endless_answer_comes_to_its_end(http: httpx2.Client) -> None:
    head = http.head("events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    ("path", "allow"),
    [("hosts", "GET, HEAD, POST"), ("preview", "POST"), ("status", "GET, HEAD")],
)
def test_a_wrong_method_is_told_the_right_ones(http: httpx2.Client, path: str, allow: str) -> None:
    answer = http.request("PURGE", path)
    assert problem(answer, 405)["type"] == "urn:vmuster:problem:no-method"
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [("status?x=" + "y" * 9000, "", 414), ("status", "z" * 17_000, 431)],
    ids=["url", "header"],
)
def test_a_head_that_is_too_long_is_refused(path: str, header: str, status: int) -> None:
    async def act(door: Door) -> httpx2.Response:
        return await door.ask("GET", path, headers={"x-more": header})

    assert problem(at_door(act), status)["type"] == "urn:vmuster:problem:too-long"


def test_the_longest_head_is_taken() -> None:
    async def act(door: Door) -> list[int]:
        url = await door.ask("GET", "status?" + "y" * 8000)
        head = await door.ask("GET", "status", headers={"x-more": "z" * 15_500})
        return [url.status_code, head.status_code]

    assert at_door(act) == [422, 200]


def test_strangers_are_told_to_wait_by_their_address_and_a_good_key_is_let_in() -> None:
    async def act(door: Door) -> None:
        for number in range(10):
            problem(await door.ask("GET", "status", key="wrong" * (number % 2)), 401)
        for key in ("", "wrong"):
            answer = await door.ask("GET", "status", key=key)
            assert problem(answer, 429)["type"] == "urn:vmuster:problem:too-many"
            assert answer.headers["retry-after"] == "60"
        assert (await door.ask("GET", "status", key="read")).status_code == 200
        problem(await door.ask("GET", "status", key="", peer="192.0.2.2"), 401)
        door.clock.pass_by(60)
        problem(await door.ask("GET", "status", key=""), 401)

    at_door(act)


def test_strangers_are_in_the_log_no_oftener_than_they_are_answered() -> None:
    async def act(door: Door) -> None:
        for _ in range(30):
            await door.ask("DELETE", "hosts/x", key="wrong")

    with capture_logs() as logs:
        at_door(act)
    assert [line["peer"] for line in logs] == ["192.0.2.1"] * 10
    assert "wrong" not in repr(logs)


@pytest.mark.parametrize(
    ("peer", "header", "status"),
    [("127.0.0.1", {}, 404), ("192.0.2.1", {}, 401), ("127.0.0.1", {"Via": "1.1 proxy"}, 401)],
    ids=["near", "far", "forwarded"],
)
def test_figures_are_open_on_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, peer: str, header: dict[str, str], status: int
) -> None:
    monkeypatch.setattr(app, "_NEAR", frozenset({"/near"}))

    async def act(door: Door) -> httpx2.Response:
        return await door.ask("GET", "http://door/near", key="", peer=peer, headers=header)

    problem(at_door(act), status)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Basic vmuster_anna", "vmuster_anna"]
)
def test_a_wrong_key_is_no_key(stranger: httpx2.Client, header: str) -> None:
    answer = stranger.get("/api/v1/hosts", headers={"Authorization": header})
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_encoded_path_is_no_way_round_the_key(stranger: httpx2.Client) -> None:
    for path in ("/%61pi/v1/hosts", "/healthz/../api/v1/hosts", "//api/v1/hosts", "/healthz%2f"):
        problem(stranger.get(path), 401)


def test_a_good_key_lets_in(http: httpx2.Client) -> None:
    assert http.get("hosts").status_code == 200


def test_a_body_may_be_as_long_as_the_bound_and_no_longer(http: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    problem(http.post("hosts", content=b" " * BODY_BYTES_MAX, headers=headers), 422)
    problem(http.post("hosts", content=b" " * (BODY_BYTES_MAX + 1), headers=headers), 413)


def test_a_body_without_a_length_is_measured_too(http: httpx2.Client) -> None:
    chunks = iter([b" " * 65536] * 17)
    problem(http.post("hosts", content=chunks), 413)


def test_a_strangers_body_is_not_read(world: Served) -> None:
    """The answer comes although the body never does."""
    address = urlsplit(world.url)
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as wire:
        wire.sendall(b"POST /api/v1/hosts HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        assert b" 401 " in wire.recv(200)


def test_a_body_that_trickles_is_not_waited_for() -> None:
    async def act(door: Door) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        pieces = iter([b"{", b'"'])

        async def trickle() -> Message:
            with suppress(StopIteration):
                return {"type": "http.request", "body": next(pieces), "more_body": True}
            return await asyncio.Future()

        async def answered(message: Message) -> None:
            answer.update(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/hosts",
            "raw_path": b"/api/v1/hosts",
            "query_string": b"",
            "headers": [(b"authorization", b"Bearer admin")],
            "client": ("192.0.2.1", 1),
        }
        await door.app(scope, trickle, answered)
        return answer

    answer = at_door(act, Limits(body_seconds_max=0.05))
    assert answer["status"] == 408
    assert b"urn:vmuster:problem:too-slow" in answer["body"]
    assert (b"connection", b"close") in answer["headers"]


def test_a_slash_in_a_name_is_part_of_the_name(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.appear(alpha, "a/start")
    assert http.get("vms/a%2Fstart").json()["uuid"] == str(vm)
    problem(http.get("vms/a/start"), 405)


def test_keys_are_told_apart(world: Served, alpha: Host) -> None:
    headers = {"Authorization": f"Bearer {KEYS['bert']}"}
    httpx2.patch(f"{world.url}/api/v1/hosts/alpha", json={"mode": "cordoned"}, headers=headers)
    entries = httpx2.get(f"{world.url}/api/v1/journal", headers=headers).json()["items"]
    changed = next(entry for entry in entries if "cordoned" in entry["what"])
    assert changed["actor"] == "bert"
