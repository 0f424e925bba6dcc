"""The same request with the same key is done once, and answered twice the same."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import httpx2
import pytest

from tests.doors import Door
from tests.rehearsed import CASES
from tests.served import UNLIMITED
from tests.servers import bench
from vmuster.api.gates import repeating
from vmuster.api.gates.repeating import BY_THEMSELVES, SECRET
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.webhooks import Webhook
from vmuster.stores.memory import MemoryStore

_T = TypeVar("_T")
POSTED = sorted(
    name for name, case in CASES.items() if case.method == "POST" and name not in BY_THEMSELVES
)


def at_a_door(act: Callable[[Door], Awaitable[_T]], store: MemoryStore | None = None) -> _T:
    async def acted() -> _T:
        door = Door(await bench(store or MemoryStore()), UNLIMITED)
        for name in ("admin", "other-admin"):
            await door.know(name, Scope.ADMIN)
        return await act(door)

    return asyncio.run(acted())


async def add(door: Door, name: str = "north", *, id_: str = "once", **more: Any) -> Any:
    headers = {"Idempotency-Key": id_}
    return await door.ask("POST", "clusters", headers=headers, json={"name": name}, **more)


KINDS = (Fleet, Cluster, Host, ApiKey, Webhook, Operation, OutboxCommand)


async def made(door: Door) -> list[object]:
    async def every(kind: Any) -> object:
        return await door.parts.store.find(kind)

    return [await every(kind) for kind in KINDS]


async def clusters(door: Door) -> list[str]:
    return [row.name for row in await door.parts.store.find(Cluster)]


@pytest.mark.parametrize("route", POSTED)
def test_every_post_is_done_once(route: str) -> None:
    async def act(door: Door) -> tuple[httpx2.Response, httpx2.Response, object, object]:
        case = CASES[route]
        await case.setup(door)
        headers = {"Idempotency-Key": "once"}
        first = await door.ask(case.method, case.path, headers=headers, json=case.json)
        fleet = door.parts.context.fleet
        before = await made(door), fleet
        again = await door.ask(case.method, case.path, headers=headers, json=case.json)
        fleet = door.parts.context.fleet
        after = await made(door), fleet
        return first, again, before, after

    first, again, before, after = at_a_door(act)
    assert first.is_success, first.text
    assert before == after
    if route in SECRET:
        assert (again.status_code, again.json()["type"]) == (409, _type("answer-not-kept"))
    else:
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers.get("location") == first.headers.get("location")


def _type(kind: str) -> str:
    return f"urn:vmuster:problem:{kind}"


@pytest.mark.parametrize("route", sorted(SECRET))
def test_no_secret_is_kept(route: str) -> None:
    async def act(door: Door) -> tuple[Any, Sequence[RequestAnswer]]:
        case = CASES[route]
        first = await door.ask("POST", case.path, headers={"Idempotency-Key": "k"}, json=case.json)
        return first.json(), await door.parts.store.find(RequestAnswer)

    given, (kept,) = at_a_door(act)
    assert kept.body == ""
    secret = given.get("secret") or given["key"]
    assert secret not in repr(kept)


def test_a_new_server_gives_the_same_answer() -> None:
    async def act(door: Door) -> tuple[Any, Any]:
        return await add(door), await add(Door(door.parts, UNLIMITED))

    first, again = at_a_door(act)
    assert (again.status_code, again.content) == (201, first.content)


def test_another_request_with_that_key_is_refused() -> None:
    async def act(door: Door) -> None:
        assert (await add(door)).status_code == 201
        other = await add(door, "south")
        assert (other.status_code, other.json()["type"]) == (422, _type("key-used"))
        elsewhere = await door.ask(
            "POST", "keys/rotate", headers={"Idempotency-Key": "once"}, json={"name": "north"}
        )
        assert elsewhere.status_code == 422
        assert await clusters(door) == ["default", "north"]

    at_a_door(act)


def test_two_keys_and_two_actors_are_two_requests() -> None:
    async def act(door: Door) -> None:
        assert (await add(door)).status_code == 201
        assert (await add(door, id_="twice")).status_code == 409  # the name is taken
        assert (await add(door, "south", key="other-admin")).status_code == 201

    at_a_door(act)


def test_what_was_refused_may_be_asked_again() -> None:
    async def act(door: Door) -> None:
        headers = {"Idempotency-Key": "once"}
        body = {"name": "mine", "cluster": "north", "profile": {"kind": "local"}}
        for status in (404, 201):
            answer = await door.ask("POST", "hosts", headers=headers, json=body)
            assert answer.status_code == status
            await door.ask("POST", "clusters", json={"name": "north"})

    at_a_door(act)


class Slow(MemoryStore):
    """A store whose commits of clusters wait for `go`, or fail where `down`."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()
        self.reached = asyncio.Event()
        self.down: BaseException | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if any(isinstance(write.after, Cluster) for each in changes for write in each.writes):
            self.reached.set()
            await self.go.wait()
            if self.down is not None:
                raise self.down
        return await super().commit(changes)


def test_one_that_is_under_way_is_not_begun_a_second_time() -> None:
    store = Slow()

    async def act(door: Door) -> None:
        store.go.clear()
        store.reached.clear()
        first = asyncio.create_task(add(door))
        await asyncio.wait_for(store.reached.wait(), 10)
        second = await add(door)
        assert (second.status_code, second.json()["type"]) == (409, _type("in-flight"))
        assert second.headers["retry-after"] == "1"
        store.go.set()
        assert (await first).status_code == 201
        assert (await add(door)).status_code == 201

    at_a_door(act, store)


class Late(MemoryStore):
    """A store in which what was written is there before who wrote it hears of it."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.written = asyncio.Event()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        refused = await super().commit(changes)
        if any(isinstance(write.after, RequestAnswer) for each in changes for write in each.writes):
            self.written.set()
            await self.go.wait()
        return refused


def test_one_that_has_only_just_begun_is_under_way() -> None:
    store = Late()

    async def act(door: Door) -> None:
        first = asyncio.create_task(add(door))
        await asyncio.wait_for(store.written.wait(), 10)
        second, other = await add(door), await add(door, "south")
        assert (second.status_code, second.json()["type"]) == (409, _type("in-flight"))
        assert (other.status_code, other.json()["type"]) == (422, _type("key-used"))
        store.go.set()
        assert (await first).status_code == 201

    at_a_door(act, store)


def test_one_that_was_cut_short_is_never_done_again() -> None:
    store = Slow()

    async def act(door: Door) -> None:
        store.go.clear()
        store.reached.clear()
        first = asyncio.create_task(add(door))
        await asyncio.wait_for(store.reached.wait(), 10)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        store.go.set()
        again = await add(Door(door.parts, UNLIMITED))
        assert (again.status_code, again.json()["type"]) == (409, _type("outcome-unknown"))
        assert await clusters(door) == ["default"]

    at_a_door(act, store)


@pytest.mark.parametrize(
    ("down", "statuses"), [(Unavailable("not now"), (503, 201)), (RuntimeError("bug"), (500, 409))]
)
def test_what_failed_for_now_may_be_asked_again_and_what_failed_otherwise_may_not(
    down: Exception, statuses: tuple[int, int]
) -> None:
    store = Slow()

    async def act(door: Door) -> None:
        store.down = down
        first = await add(door)
        store.down = None
        assert (first.status_code, (await add(door)).status_code) == statuses

    at_a_door(act, store)


def test_a_long_answer_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(door: Door) -> None:
        kept = await add(door)
        monkeypatch.setattr(repeating, "BODY_BYTES_MAX", len(kept.content))
        assert (await add(door, "south", id_="fits")).status_code == 201
        assert (await add(door, "souths", id_="too long")).status_code == 201
        assert (await add(door, "south", id_="fits")).status_code == 201
        again = await add(door, "souths", id_="too long")
        assert (again.status_code, again.json()["type"]) == (409, _type("answer-not-kept"))

    at_a_door(act)


@pytest.mark.parametrize("key", ["x" * 201, "a\tb", "a\x7f"])
def test_what_is_no_key_is_refused(key: str) -> None:
    async def act(door: Door) -> None:
        answer = await add(door, id_=key)
        assert (answer.status_code, await clusters(door)) == (422, ["default"])

    at_a_door(act)


def test_a_rehearsal_neither_uses_a_key_nor_is_answered_by_one() -> None:
    async def act(door: Door) -> None:
        headers = {"Idempotency-Key": "once"}
        told = await door.ask(
            "POST", "clusters?dry_run=true", headers=headers, json={"name": "north"}
        )
        assert told.json()["dry_run"]
        assert (await add(door)).status_code == 201
        refused = await door.ask(
            "POST", "clusters?dry_run=true", headers=headers, json={"name": "north"}
        )
        assert refused.status_code == 409

    at_a_door(act)
