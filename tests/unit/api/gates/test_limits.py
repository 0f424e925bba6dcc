"""How much of the server one key may take."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import pytest

from tests.doors import Door, at_door
from tests.tidy.tree import ROOT
from tests.unit.api.problem import problem
from vmuster.api.gates.limits import Limits
from vmuster.model.host import Fleet
from vmuster.model.journal import EntryKind, JournalEntry

OPERATION = "operations/00000000-0000-0000-0000-000000000001?wait=0"
STOP = "vms/00000000-0000-0000-0000-000000000001/stop"


def refused(answer: httpx2.Response, wait: int) -> str:
    """What is said about a request that was one too many."""
    said = problem(answer, 429)
    assert said["type"] == "urn:vmuster:problem:too-many"
    assert answer.headers["retry-after"] == str(wait)
    return said["detail"]


def test_a_key_that_asks_too_often_is_told_to_wait_and_no_other() -> None:
    async def act(door: Door) -> None:
        for _ in range(4):
            assert (await door.ask("GET", "status", key="read")).status_code == 200
        said = refused(await door.ask("GET", "status", key="read"), 1)
        assert said == "key read asks too often"
        assert (await door.ask("GET", "status", key="operate")).status_code == 200
        door.clock.pass_by(0.5)
        assert (await door.ask("GET", "status", key="read")).status_code == 200
        refused(await door.ask("GET", "status", key="read"), 1)

    at_door(act, Limits(requests_per_second=2, requests_burst=4))


def test_what_is_open_is_never_too_much() -> None:
    async def act(door: Door) -> list[int]:
        asked = [await door.ask("GET", "http://door/healthz", key="") for _ in range(5)]
        return [answer.status_code for answer in asked]

    assert at_door(act, Limits(requests_per_second=1, requests_burst=1)) == [200] * 5


def test_a_long_answer_that_needs_no_key_is_limited_by_address() -> None:
    async def act(door: Door) -> None:
        for _ in range(2):
            assert (await door.ask("GET", "openapi.json", key="")).status_code == 200
        said = refused(await door.ask("GET", "openapi.json", key=""), 1)
        assert said == "it is asked for too often from your address"
        assert (await door.ask("HEAD", "openapi.json", key="")).status_code == 429
        assert (await door.ask("GET", "status")).status_code == 200
        door.clock.pass_by(1)
        assert (await door.ask("GET", "openapi.json", key="")).status_code == 200

    at_door(act, Limits(requests_per_second=1, requests_burst=2))


async def alerts(door: Door) -> list[JournalEntry]:
    return [entry for entry in await door.parts.journal() if entry.kind is EntryKind.ALERT]


def test_more_stops_than_one_key_may_ask_for_are_refused_and_told_of_once() -> None:
    """T13: a stolen key can't switch a fleet off before somebody notices."""

    async def act(door: Door) -> None:
        for _ in range(20):
            problem(await door.ask("POST", STOP, key="operate"), 404)
        assert await alerts(door) == []
        for _ in range(3):
            said = refused(await door.ask("POST", STOP, key="operate"), 60)
            assert said == "key operate asked for more than 20 stops a minute"
        (told,) = await alerts(door)
        assert (told.actor, told.rule) == ("operate", "too-many-stops")
        assert "vmuster api-key revoke operate" in told.what
        problem(await door.ask("POST", STOP.replace("stop", "start"), key="operate"), 404)
        problem(await door.ask("POST", STOP, key="admin"), 404)
        door.clock.pass_by(60)
        for _ in range(20):
            problem(await door.ask("POST", STOP, key="operate"), 404)
        refused(await door.ask("POST", STOP, key="operate"), 60)
        assert len(await alerts(door)) == 1
        door.clock.pass_by(3600)
        asked = [await door.ask("POST", STOP, key="operate") for _ in range(21)]
        refused(asked[-1], 60)
        assert len(await alerts(door)) == 2

    at_door(act)


def test_no_key_of_scope_read_comes_as_far_as_a_stop() -> None:
    async def act(door: Door) -> int:
        for _ in range(40):
            problem(await door.ask("POST", STOP, key="read"), 403)
        return len(await alerts(door))

    assert at_door(act) == 0


@asynccontextmanager
async def under_way(door: Door, path: str, *keys: str) -> AsyncGenerator[None]:
    """While these requests are being answered: the database keeps them waiting."""
    release, entered = asyncio.Event(), asyncio.Semaphore(0)
    get = door.parts.store.get

    async def slow_get(kind: type[Fleet], *key: object) -> Fleet | None:
        entered.release()
        await release.wait()
        return await get(kind, *key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door.parts.store, "get", slow_get)
        tasks = [asyncio.create_task(door.ask("GET", path, key=key)) for key in keys]
        for _ in keys:
            async with asyncio.timeout(10):
                await entered.acquire()
    yield
    release.set()
    assert {answer.status_code for answer in await asyncio.gather(*tasks)} <= {200, 404}


def test_so_many_are_answered_at_once_and_no_more() -> None:
    async def act(door: Door) -> None:
        async with under_way(door, "fleet", "read", "operate"):
            said = refused(await door.ask("GET", "status", key="admin"), 1)
            assert said == "2 requests are being answered"
            waiting = await door.ask("GET", "hosts/none?wait=0", key="admin")
            assert waiting.status_code == 404
        assert (await door.ask("GET", "status", key="admin")).status_code == 200

    at_door(act, Limits(requests_in_flight_max=2))


def test_one_key_has_half_of_the_places_at_most() -> None:
    async def act(door: Door) -> None:
        async with under_way(door, "fleet", "read", "read"):
            said = refused(await door.ask("GET", "status", key="read"), 1)
            assert said == "2 requests of key read are being answered"
            assert (await door.ask("GET", "hosts", key="admin")).status_code == 200
        assert (await door.ask("GET", "status", key="read")).status_code == 200

    at_door(act, Limits(requests_in_flight_max=4))


def test_those_that_wait_are_counted_by_key_and_apart() -> None:
    async def act(door: Door) -> None:
        async with under_way(door, OPERATION, "read", "read"):
            again = await door.ask("GET", "hosts/none?wait=0", key="read")
            assert refused(again, 1) == "2 requests of key read are waiting"
            other = await door.ask("GET", "hosts/none?wait=0", key="operate")
            assert other.status_code == 404
            assert (await door.ask("GET", "status", key="read")).status_code == 200
        again = await door.ask("GET", "hosts/none?wait=0", key="read")
        assert again.status_code == 404

    at_door(act, Limits(requests_in_flight_max=1, waiting_per_key_max=2))


@pytest.mark.parametrize("field", Limits.__struct_fields__)
def test_every_limit_is_one(field: str) -> None:
    assert 0 < getattr(Limits(), field) <= 1024 * 1024


def test_the_page_has_every_limit() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `\w+_\w+`", line)]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert told == set(Limits.__struct_fields__)
