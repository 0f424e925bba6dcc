"""Path, key and size, before any route."""

import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.served import KEYS, Served
from tests.unit.api.problem import problem
from vmuster.api.gates import BODY_BYTES_MAX
from vmuster.model.host import Host


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
