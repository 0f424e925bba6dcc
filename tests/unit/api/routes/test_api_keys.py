"""Routes of API keys: the text is in one answer, and nowhere else."""

import hashlib

import httpx2
import pytest

from tests.doors import Door, at_door
from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.journal import EntryKind
from vmuster.model.keys import ApiKey, Scope


def test_a_key_is_shown_once_and_kept_as_a_digest(world: Served, http: httpx2.Client) -> None:
    answer = http.post("api-keys", json={"name": "ci", "scope": "operate", "lasts_seconds": 3600})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["name"], made["scope"], made["created_by"]) == ("ci", "operate", "anna")
    assert made["created_at"] < made["expires_at"]
    text = made.pop("key")
    row = world.run(world.fleet.store.get(ApiKey, "ci"))
    assert row is not None
    assert row.digest == hashlib.sha256(text.encode()).hexdigest()
    bearer = {"Authorization": f"Bearer {text}"}
    itself = httpx2.get(f"{world.url}/api/v1/api-keys/self", headers=bearer).json()
    assert (itself["name"], itself["scope"], itself["expired"]) == ("ci", "operate", False)
    listed = http.get("api-keys")
    assert {"ci", "anna", "bert"} <= {key["name"] for key in listed.json()["items"]}
    journal = http.get("journal").text
    assert text not in listed.text + journal
    assert row.digest not in listed.text + journal
    assert http.delete("api-keys/ci").json()["name"] == "ci"
    problem(http.get("hosts", headers=bearer), 401)
    problem(http.delete("api-keys/ci"), 404)


def test_making_and_revoking_are_audited() -> None:
    async def act(door: Door) -> list[tuple[EntryKind, str, str]]:
        assert (await door.ask("POST", "api-keys", json={"name": "ci"})).status_code == 201
        assert (await door.ask("DELETE", "api-keys/ci")).status_code == 200
        entries = await door.parts.journal()
        return [(e.kind, e.actor, e.what) for e in entries if "API key" in e.what]

    assert at_door(act) == [
        (EntryKind.AUDIT, "admin", "API key ci was made, with scope read"),
        (EntryKind.AUDIT, "admin", "API key ci was revoked"),
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": "a b"}, 409),
        ({"name": "a", "scope": "root"}, 422),
        ({"name": "a", "lasts_seconds": 59}, 422),
        ({"name": "a", "lasts_seconds": 1e18}, 422),
        ({"name": "a", "lasts_seconds": 60, "key": "mine"}, 422),
        ({"name": "anna"}, 409),
    ],
    ids=str,
)
def test_what_is_no_key_is_not_made(
    http: httpx2.Client, body: dict[str, object], status: int
) -> None:
    problem(http.post("api-keys", json=body), status)


@pytest.mark.parametrize("scope", list(Scope))
def test_everybody_may_ask_who_they_are(scope: Scope) -> None:
    async def act(door: Door) -> httpx2.Response:
        return await door.ask("GET", "api-keys/self", key=scope.value)

    assert at_door(act).json()["scope"] == scope.value


def test_the_last_use_is_shown_at_once_and_written_now_and_then() -> None:
    async def act(door: Door) -> tuple[str, float | None]:
        for _ in range(3):
            door.clock.pass_by(100)
            await door.ask("GET", "status", key="read")
        listed = await door.ask("GET", "api-keys")
        (shown,) = [key for key in listed.json()["items"] if key["name"] == "read"]
        kept = await door.parts.store.get(ApiKey, "read")
        assert kept is not None
        return shown["last_used_at"], kept.last_used_at

    assert at_door(act) == ("1970-01-12T13:51:40.000000Z", 1_000_100.0)
