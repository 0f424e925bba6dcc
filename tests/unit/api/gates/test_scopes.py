"""Scopes: the table is total and exact, and it is what every route goes by."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.doors import EXPIRES_AT, Door, at_door
from tests.tidy.tree import ROOT
from tests.unit.api.problem import problem
from vmuster.api.app import OPENAPI
from vmuster.api.gates.routing import Routes
from vmuster.api.gates.scopes import NEEDED, needed
from vmuster.model.keys import Scope

PAGE = ROOT / "docs" / "security.md"
METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {"openapi", "healthz", "livez", "readyz"}
"""What is answered without a key: a key makes no difference."""
BAD_KEYS = {"": None, "expired": "expired", "revoked": "revoked", "wrong": "wrong"}


def described(door: Door) -> Iterator[tuple[str, str, str]]:
    """Method, path and name of every operation in the OpenAPI document, below the prefix."""
    paths: dict[str, dict[str, Any]] = door.app.openapi()["paths"]
    for path, operations in paths.items():
        if path.startswith("/api/v1/"):
            for method in METHODS:
                if method in operations:
                    at = path.removeprefix("/api/v1/").replace("{", "").replace("}", "")
                    yield method.upper(), at, operations[method]["operationId"]


def test_the_table_has_every_route_and_no_other() -> None:
    async def act(door: Door) -> set[str]:
        return {route.name for route in Routes(door.app).all}

    assert at_door(act) - OPEN == set(NEEDED)


def test_what_was_forgotten_needs_the_widest_scope() -> None:
    assert needed("nobody_thought_of_this") is Scope.ADMIN


def test_questions_are_for_everybody_but_about_what_opens_doors() -> None:
    async def act(door: Door) -> set[str]:
        asking = {name for method, _, name in described(door) if method == "GET"}
        return {name for name in asking if needed(name) is not Scope.READ}

    closed = at_door(act)
    assert {name.partition("_")[2].rstrip("s") for name in closed} <= {
        "api_key",
        "credential",
        "doctor",
        "webhook",
        "webhook_deliverie",
        "recording",
    }
    assert {"list_api_keys", "list_credentials"} <= closed


def test_nothing_that_changes_something_is_for_readers() -> None:
    async def act(door: Door) -> list[str]:
        changing = [name for method, _, name in described(door) if method != "GET"]
        return [name for name in changing if needed(name) is Scope.READ]

    assert at_door(act) == ["preview_passes"]


@pytest.mark.parametrize("scope", list(Scope))
def test_every_route_is_open_to_its_scopes_alone(scope: Scope) -> None:
    async def act(door: Door) -> int:
        tried = list(described(door))
        for method, path, name in tried:
            head = method == "GET"
            answer = await door.ask("HEAD" if head else method, path, key=scope.value)
            if scope.covers(needed(name)):
                assert answer.status_code not in (401, 403), name
            elif head:
                assert answer.status_code == 403, name
            else:
                said = problem(answer, 403)
                assert said["type"] == "urn:vmuster:problem:scope"
                assert f"scope {needed(name)}" in said["detail"]
                assert f"--scope {needed(name)}" in said["hint"]
        return len(tried)

    assert at_door(act) > 40


@pytest.mark.parametrize("kind", list(BAD_KEYS), ids=lambda kind: kind or "none")
@pytest.mark.parametrize("scope", list(Scope))
def test_no_route_is_open_to_a_bad_key_of_any_scope(scope: Scope, kind: str) -> None:
    """A fresh address each time: what is limited is tested elsewhere."""

    async def act(door: Door) -> int:
        await door.know("expired", scope, expires_at=EXPIRES_AT)
        await door.know("revoked", scope)
        door.clock.pass_by(EXPIRES_AT - door.clock.now())
        assert (await door.ask("DELETE", "api-keys/revoked")).status_code == 200
        tried = list(described(door))
        for number, (method, path, _) in enumerate(tried):
            peer = f"192.0.2.{number}"
            problem(await door.ask(method, path, key=BAD_KEYS[kind] or "", peer=peer), 401)
        return len(tried)

    assert at_door(act) > 40


def test_the_description_is_for_everybody() -> None:
    async def act(door: Door) -> httpx2.Response:
        return await door.ask("GET", f"http://door{OPENAPI}", key="")

    assert at_door(act).status_code == 200


def test_the_page_has_the_table() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if "`" in line]
    told = {
        name.strip("` "): row[0].strip("`")
        for row in rows
        if len(row) == 3 and row[0].strip("`") in set(Scope)
        for name in row[2].split(",")
    }
    assert told == {name: scope.value for name, scope in NEEDED.items()}
