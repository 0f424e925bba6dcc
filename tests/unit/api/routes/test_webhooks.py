"""Routes of webhooks: no answer holds a url's path, or a secret twice, and no refusal does."""

import json
from typing import Any

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.changes import Changes
from vmuster.model.journal import EntryKind, JournalEntry

URL = "https://hooks.example/CANARY"


def body(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "url": URL} | more


def test_a_webhook_is_added_shown_and_removed(http: httpx2.Client) -> None:
    added = http.post("webhooks", json=body("w1", kinds=["alert", "held"]))
    assert added.status_code == 201, added.text
    secret = added.json().pop("secret")
    assert secret.startswith("whsec_")
    view = {field: value for field, value in added.json().items() if field != "secret"}
    assert http.get("webhooks/w1").json() == view
    assert http.get("webhooks").json()["items"] == [view]
    for answer in (added, http.get("webhooks"), http.get("journal")):
        assert "CANARY" not in answer.text
    assert secret not in http.get("webhooks").text + http.get("journal").text
    assert http.delete("webhooks/w1").json() == view
    problem(http.get("webhooks/w1"), 404)
    problem(http.delete("webhooks/w1"), 404)


def test_what_is_written_is_posted_as_the_api_gives_it(world: Served, http: httpx2.Client) -> None:
    assert http.post("webhooks", json=body("w2")).status_code == 201
    entry = JournalEntry(at=1.5, kind=EntryKind.ALERT, actor="x", what="told to w2")
    world.run(world.fleet.store.commit((Changes(entries=(entry,)),)))
    poster = world.fleet.poster

    async def told() -> Any:
        return [post for post in poster.posts if b"told to w2" in post.body]

    (post,) = world.run(world.fleet.until(told))
    (shown,) = http.get("journal", params={"kind": "alert", "limit": 1}).json()["items"]
    assert json.loads(post.body) == shown
    assert http.post("webhooks/w2/test").json() == {
        **{"name": "w2", "taken_in": True, "trouble": ""},
    }
    poster.away.add(URL)
    failed = http.post("webhooks/w2/test").json()
    assert (failed["taken_in"], failed["trouble"]) == (False, "nobody is there")
    poster.away.clear()


def test_a_secret_that_was_made_is_not_kept_for_a_repetition(http: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "once"}
    assert http.post("webhooks", json=body("w3"), headers=headers).status_code == 201
    again = http.post("webhooks", json=body("w3"), headers=headers)
    assert problem(again, 409)["type"].endswith("answer-not-kept")


def test_a_rehearsal_posts_and_adds_nothing(world: Served, http: httpx2.Client) -> None:
    rehearsed = http.post("webhooks", json=body("w4"), params={"dry_run": True})
    assert rehearsed.status_code == 200, rehearsed.text
    assert "CANARY" not in rehearsed.text
    problem(http.get("webhooks/w4"), 404)
    assert http.post("webhooks", json=body("w5")).status_code == 201
    before = len(world.fleet.poster.tried)
    assert http.post("webhooks/w5/test", params={"dry_run": True}).status_code == 200
    assert len(world.fleet.poster.tried) == before


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"url": "https://forbidden/"}, 409),
        ({"url": 1}, 422),
        ({"url": "x" * 5000}, 422),
        ({"kinds": []}, 422),
        ({"kinds": ["no"]}, 422),
        ({"kinds": ["alert"] * 9}, 422),
        ({"secret": "CANARY-2"}, 409),
        ({"secret": "CANARY-2" * 99}, 422),
        ({"secret": 12}, 422),
        ({"other": 1}, 422),
        ({"name": "../x"}, 409),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_refused_and_not_repeated(
    http: httpx2.Client, more: dict[str, Any], status: int
) -> None:
    refused = http.post("webhooks", json=body("w6") | more)
    problem(refused, status)
    assert "CANARY" not in refused.text
