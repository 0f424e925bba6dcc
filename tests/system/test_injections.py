"""What is tried on databases is a text like any other: unknown or refused, and harmless (T16).

Every text of every question and request that the OpenAPI document knows is tried, over SQLite.
"""

import re
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
import pytest

from tests.effort import examples
from tests.estates import HYPERVISORS, Estate
from tests.hostile import INJECTIONS
from tests.served import KEYS, served
from vmuster.api.app import OPENAPI

UNKNOWN: Final = "nobody-77"
"""A text that names nothing."""
ENDLESS: Final = "/api/v1/events"
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST /api/v1/hosts": {"name": "x", "cluster": "nowhere", "profile": {"kind": "local"}},
    "PATCH /api/v1/hosts/{ref}": {"name": "x"},
    "POST /api/v1/clusters": {"name": "x"},
    "POST /api/v1/preview": {"host": "x"},
    "PUT /api/v1/automation": {"scope": "host", "name": "x", "armed": True},
    "POST /api/v1/api-keys": {"name": "x"},
    "POST /api/v1/webhooks": {"name": "x", "url": "https://forbidden.example"},
    "POST /api/v1/vms/{ref}/adopt": {"host": "x", "name": "x"},
    "POST /api/v1/host-keys": {"address": "x"},
}
"""A body for each request that says a text; those texts are tried one by one."""
FREE: Final = frozenset({"armed", "scope", "profile", "url"})
"""Fields of a body that are no text, or one of a few."""
PLAIN: Final = re.compile(r"[A-Za-z0-9._@-]+")
"""What is in order as a name; or as a time, in seconds."""
TABLES: Final = ("host", "cluster", "vm", "api_key", "credential", "webhook", "operation")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("injected") / "vmuster.db"


@pytest.fixture(scope="module")
def estate(database: Path) -> Generator[Estate]:
    with served(*HYPERVISORS, database=database) as world:
        estate = Estate(world)
        for cluster in ("default", "north"):  # what its hosts say is not what is asked for here
            world.run(world.fleet.policy(cluster, report_seconds=300.0))
        yield estate


@pytest.fixture(scope="module")
def http(estate: Estate) -> Generator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {KEYS['anna']}"}
    with httpx2.Client(base_url=estate.world.url, headers=headers, timeout=20) as http:
        yield http


@pytest.fixture(scope="module")
def document(http: httpx2.Client) -> dict[str, Any]:
    return http.get(OPENAPI).json()


def outcome(answer: httpx2.Response) -> object:
    """What an answer comes to: what kind of refusal, or which things are listed."""
    said = answer.json()
    if answer.status_code >= 400:
        return answer.status_code, said["type"]
    return answer.status_code, [item.get("name") for item in said.get("items", ())]


def state(database: Path) -> list[object]:
    """The schema, and how many rows there are of what people make."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as read:
        schema = read.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        counts = [read.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
        return [schema, *counts]


def questions(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text of each query: a path, and the parameter's name."""
    for path, methods in document["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query" and path.startswith("/api/") and path != ENDLESS:
                yield path, parameter["name"]


def test_in_a_query_it_is_as_any_unknown_text(
    http: httpx2.Client, document: dict[str, Any], estate: Estate, database: Path
) -> None:
    before, asked = state(database), 0
    every = 3 if examples(1) == 1 else 1
    for number, (path, parameter) in enumerate(questions(document)):
        place = path.replace("{ref}", "web-01").replace("{id}", estate.plan)
        unknown = outcome(http.get(place, params={parameter: UNKNOWN}))
        for text in INJECTIONS[number % every :: every]:
            if parameter == "since" and PLAIN.fullmatch(text):
                continue
            answer = http.get(place, params={parameter: text})
            assert answer.status_code < 500, (path, parameter, text)
            assert outcome(answer) == unknown, (path, parameter, text, answer.text)
            asked += 1
    assert asked > 500
    assert state(database) == before


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_in_a_path_it_is_as_any_unknown_name(
    http: httpx2.Client, document: dict[str, Any], database: Path, method: str
) -> None:
    before, asked = state(database), 0
    for path, methods in document["paths"].items():
        if method.lower() not in methods or "{" not in path:
            continue
        for text in INJECTIONS:
            place = path.replace("{ref}", quote(text, safe="")).replace(
                "{id}", quote(text, safe="")
            )
            body = BODIES.get(f"{method} {path}")
            answer = http.request(method, place, json=body if method == "POST" else None)
            assert answer.status_code in (404, 409, 422), (path, text, answer.text)
            asked += 1
    assert asked > 100
    assert state(database) == before


def test_in_a_body_it_is_as_any_unknown_text(http: httpx2.Client, database: Path) -> None:
    before = state(database)
    for request, body in BODIES.items():
        method, path = request.split(" ")
        place = path.replace("{ref}", "beta" if "hosts" in path else "theirs")
        for field in body.keys() - FREE:
            for text in (text for text in INJECTIONS if not PLAIN.fullmatch(text)):
                answer = http.request(method, place, json={**body, field: text})
                assert answer.status_code in (404, 409, 422, 503), (
                    request,
                    field,
                    text,
                    answer.text,
                )
    assert state(database) == before


def test_a_free_text_is_kept_as_it_was_said(http: httpx2.Client, database: Path) -> None:
    before = state(database)
    for text in INJECTIONS:
        said = {"scope": "host", "name": "beta", "armed": False, "why": text}
        answer = http.put("/api/v1/automation", json=said)
        assert answer.status_code == 200
        assert http.get("/api/v1/hosts/beta").json()["disarmed"]["why"] == text
        http.put("/api/v1/automation", json={"scope": "host", "name": "beta", "armed": True})
    assert state(database) == before
