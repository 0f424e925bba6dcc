"""A dry run changes nothing, says all that would change, and refuses what is refused."""

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest

from tests.doors import Door, at_door
from tests.rehearsed import CASES, REFUSED, Case
from tests.served import UNLIMITED
from tests.servers import bench
from vmuster.api.gates import rehearsing
from vmuster.api.gates.limits import Limits
from vmuster.model.commands import OutboxCommand
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import Scope
from vmuster.model.rows import KEYS
from vmuster.server.answers.foretold import foretold
from vmuster.server.requests.rehearsal import RowChange
from vmuster.stores.sql.opening import open_sqlite

_T = TypeVar("_T")
ELSEWHERE = {"test_webhook", "start_recording", "stop_recording", "drop_recording"}
"""Routes whose work is done outside the database, but for the journal."""
_REQUEST = re.compile("urn:vmuster:request:[0-9a-f]+")


def at_a_file(path: Path, case: Case, act: Callable[[Door], Awaitable[_T]]) -> _T:
    """What `act` gives at a door whose database is a file, and whose past is that of `case`."""

    async def acted() -> _T:
        store = open_sqlite(path)
        try:
            door = Door(await bench(store), UNLIMITED)
            await door.know("admin", Scope.ADMIN)
            await case.setup(door)
            await door.ask("GET", "status")  # when the key was used last is written then
            return await act(door)
        finally:
            await store.close()

    return asyncio.run(acted())


async def ask(door: Door, case: Case, *, dry: bool = False) -> Any:
    path = f"{case.path}?dry_run=true" if dry else case.path
    return await door.ask(case.method, path, json=case.json)


def written(path: Path) -> list[str]:
    """Every row of the file."""
    with sqlite3.connect(path) as database:
        return sorted(database.iterdump())


def remembered(door: Door) -> list[object]:
    """What the server has in memory, and outside its database."""
    context = door.parts.context
    return [
        context.fleet,
        context.signer,
        context.judge,
        context.intakes.last,
        context.agents_concerned,
        door.keyring.staged,
        door.sealer.first,
        list(door.poster.tried),
        door.service.recordings.show(),
    ]


async def rows(door: Door) -> dict[Any, Any]:
    kinds: dict[type[Any], tuple[str, ...]] = {**KEYS}
    del kinds[JournalEntry]
    return {
        (kind, tuple(getattr(row, field) for field in key)): row
        for kind, key in kinds.items()
        for row in await door.parts.store.find(kind, limit=10_000)
    }


async def difference(door: Door, before: dict[Any, Any], entries: int) -> Any:
    """What has changed since, as it would have been foretold."""
    after = await rows(door)
    changes = [
        RowChange(before=before.get(slot), after=after.get(slot))
        for slot in {**before, **after}
        if before.get(slot) != after.get(slot)
    ]
    journal = await door.parts.store.find(JournalEntry, limit=10_000)
    said = [entry.what for entry in journal[entries:]]
    commands = [
        row.command
        for slot, row in after.items()
        if slot not in before and isinstance(row, OutboxCommand)
    ]
    told = await foretold(door.parts.store, changes, said, commands)
    return msgspec.json.decode(msgspec.json.encode(told))


def plain(changes: Sequence[dict[str, Any]], fresh: frozenset[str]) -> list[str]:
    """Changes in an order, without what is made anew each time."""
    return sorted(
        repr((each["kind"], each["field"].partition(".")[0]))
        if each["field"].partition(".")[0] in fresh
        else repr(each)
        for each in changes
    )


def without(value: Any, fresh: frozenset[str]) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: without(inner, fresh) for name, inner in fields.items() if name not in fresh}
    if isinstance(value, list):
        return [without(inner, fresh) for inner in cast("list[Any]", value)]
    return value


@pytest.mark.parametrize("route", CASES)
def test_it_changes_nothing_and_foretells_exactly_what_the_request_then_changes(
    tmp_path: Path, route: str
) -> None:
    case, path = CASES[route], tmp_path / "vmuster.db"

    async def act(door: Door) -> None:
        before, known = written(path), remembered(door)
        ids = door.clock.given
        told = await ask(door, case, dry=True)
        assert told.status_code == 200, told.text
        assert told.json()["dry_run"] is True
        assert written(path) == before
        assert remembered(door) == known
        assert "signature" not in told.text

        door.clock.given = ids  # so that the same ids are given
        present = await rows(door)
        entries = len(await door.parts.store.find(JournalEntry, limit=10_000))
        done = await ask(door, case)
        assert done.is_success, done.text
        really = await difference(door, present, entries)
        foretold = told.json()
        assert plain(foretold["changes"], case.fresh) == plain(really["changes"], case.fresh)
        assert really["changes"] or route in ELSEWHERE
        if not case.fresh:
            assert foretold["entries"] == really["entries"]
        assert foretold["commands"] == really["commands"]
        assert without(foretold["answer"], case.fresh) == without(done.json(), case.fresh)

    at_a_file(path, case, act)


def test_there_is_a_request_for_every_route_that_changes_something(tmp_path: Path) -> None:
    async def act(door: Door) -> set[str]:
        return {
            operation["operationId"]
            for methods in door.app.openapi()["paths"].values()
            for method, operation in methods.items()
            if method != "get"
            and any(each["name"] == "dry_run" for each in operation.get("parameters", ()))
        }

    described = at_a_file(tmp_path / "vmuster.db", CASES["add_cluster"], act)
    assert described == set(CASES)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.method} {case.path}")
def test_what_is_refused_is_refused_in_the_same_words(tmp_path: Path, case: Case) -> None:
    path = tmp_path / "vmuster.db"

    async def act(door: Door) -> None:
        before = written(path)
        told = await ask(door, case, dry=True)
        assert written(path) == before
        refused = await ask(door, case)
        assert not refused.is_success
        assert told.status_code == refused.status_code
        assert _REQUEST.sub("", told.text) == _REQUEST.sub("", refused.text)

    at_a_file(path, case, act)


@pytest.mark.parametrize(
    "said", ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=false", "dry_run=1"]
)
def test_what_is_half_said_is_not_done(tmp_path: Path, said: str) -> None:
    path, case = tmp_path / "vmuster.db", CASES["add_cluster"]

    async def act(door: Door) -> None:
        before = written(path)
        answer = await door.ask("POST", f"clusters?{said}", json=case.json)
        assert answer.status_code == 422
        assert written(path) == before
        assert (await door.ask("POST", "clusters?dry_run=false", json=case.json)).status_code == 201

    at_a_file(path, case, act)


@pytest.mark.parametrize("path", ["host-keys", "preview", "status"])
def test_there_is_nothing_to_rehearse_about_a_question(tmp_path: Path, path: str) -> None:
    async def act(door: Door) -> None:
        method = "GET" if path == "status" else "POST"
        answer = await door.ask(method, f"{path}?dry_run=true", json={"address": "a.example"})
        assert (answer.status_code, "dry_run" in answer.json()["detail"]) == (422, True)

    at_a_file(tmp_path / "vmuster.db", CASES["add_cluster"], act)


def test_one_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, case = tmp_path / "vmuster.db", CASES["release_host"]

    async def act(door: Door) -> None:
        before = written(path)
        monkeypatch.setattr(rehearsing, "SECONDS_MAX", 0.0)
        answer = await ask(door, case, dry=True)
        assert (answer.status_code, written(path)) == (503, before)
        assert answer.json()["type"] == "urn:vmuster:problem:rehearsal-too-long"
        monkeypatch.undo()
        assert (await ask(door, case, dry=True)).status_code == 200
        assert (await ask(door, case)).status_code == 202

    at_a_file(path, case, act)


def test_who_is_slow_to_take_a_refusal_holds_nobody_up(tmp_path: Path) -> None:
    async def act(door: Door) -> None:
        offered, taken = asyncio.Event(), asyncio.Event()

        async def slow(_message: object) -> None:
            offered.set()
            await taken.wait()

        asked = asyncio.create_task(door.app(_REFUSED_RAW, _body, slow))
        await asyncio.wait_for(offered.wait(), 10)
        try:
            answer = await asyncio.wait_for(
                door.ask("POST", "clusters", json={"name": "north"}), 10
            )
        finally:
            taken.set()
            await asked
        assert answer.status_code == 201

    at_a_file(tmp_path / "vmuster.db", CASES["add_cluster"], act)


_REFUSED_RAW: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/api/v1/clusters",
    "raw_path": b"/api/v1/clusters",
    "query_string": b"dry_run=true",
    "root_path": "",
    "headers": [(b"authorization", b"Bearer admin"), (b"content-type", b"application/json")],
    "client": ("192.0.2.1", 1),
    "server": ("door", 80),
}


async def _body() -> dict[str, Any]:
    return {"type": "http.request", "body": b'{"name": "default"}', "more_body": False}


def test_a_stop_that_is_rehearsed_is_none_of_those_that_a_key_may_ask_for() -> None:
    async def act(door: Door) -> tuple[set[int], int, int]:
        await CASES["stop_vm"].setup(door)
        path = CASES["stop_vm"].path
        tried = {(await door.ask("POST", f"{path}?dry_run=true")).status_code for _ in range(5)}
        once = await door.ask("POST", path)
        again = await door.ask("POST", path)
        return tried, once.status_code, again.status_code

    assert at_door(act, Limits(stops_per_minute=1)) == ({200}, 202, 429)


def test_one_whose_turn_does_not_come_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["add_cluster"]

    async def act(door: Door) -> None:
        monkeypatch.setattr(rehearsing, "SECONDS_MAX", 0.05)
        async with door.parts.store.rehearsal():
            answer = await asyncio.wait_for(ask(door, case, dry=True), 10)
        assert answer.json()["type"] == "urn:vmuster:problem:rehearsal-too-long"
        assert (await ask(door, case)).status_code == 201

    at_a_file(tmp_path / "vmuster.db", case, act)
