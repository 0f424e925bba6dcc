"""Health needs no key and tells nothing; on this machine, it says each part where asked."""

import httpx2
import pytest

from tests.doors import Door, at_door
from tests.unit.api.problem import problem
from vmuster.api.routes import health
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.stores.memory import MemoryStore


def test_a_server_that_lives_says_so(stranger: httpx2.Client) -> None:
    for path in health.PATHS:
        answer = stranger.get(path)
        assert (answer.status_code, answer.text) == (200, "ok")


def test_a_server_without_a_fleet_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(door: Door) -> httpx2.Response:
        monkeypatch.setattr(door.service.store, "get", MemoryStore().get)
        assert (await door.ask("GET", "http://door/livez", key="")).status_code == 200
        return await door.ask("GET", "http://door/readyz", key="")

    answer = at_door(act)
    assert "not founded" in problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0


def failing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the database of a door fail."""

    async def get(_kind: type[Fleet], *_key: object) -> Fleet | None:
        raise Unavailable("disk of web-01 is full")

    monkeypatch.setattr(door.service.store, "get", get)


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.1"])
def test_a_database_that_fails_leaves_it_living_and_not_ready(
    monkeypatch: pytest.MonkeyPatch, peer: str
) -> None:
    async def act(door: Door) -> list[httpx2.Response]:
        failing(door, monkeypatch)
        paths = ("/livez", "/healthz", "/readyz", "/readyz?verbose")
        return [await door.ask("GET", f"http://door{path}", key="", peer=peer) for path in paths]

    live, alias, ready, verbose = at_door(act)
    assert (live.status_code, alias.status_code) == (200, 200)
    assert (ready.status_code, verbose.status_code) == (503, 503)
    assert "web-01" not in ready.text + verbose.text
    near = "[+] requests ok\n[-] database it does not answer\n"
    assert (verbose.text == near) is (peer == "127.0.0.1")


def test_each_part_is_said_on_this_machine_alone() -> None:
    async def act(door: Door) -> list[str]:
        peers = ("127.0.0.1", "192.0.2.1")
        path = "http://door/readyz?verbose"
        return [(await door.ask("GET", path, key="", peer=peer)).text for peer in peers]

    assert at_door(act) == ["[+] requests ok\n[+] database ok\n", "ok"]
