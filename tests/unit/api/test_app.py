"""The application as a whole: every route is behind the gates, and says what it takes and gives."""

import json

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.api.app import OPENAPI

METHODS = {"get", "post", "patch", "put", "delete"}


def routes(world: Served) -> list[tuple[str, str]]:
    document = httpx2.get(world.url + OPENAPI).json()
    return [(m, path) for path, of in document["paths"].items() for m in of if m in METHODS]


def test_no_route_answers_a_stranger(world: Served, stranger: httpx2.Client) -> None:
    tried = [(m, path) for m, path in routes(world) if path.startswith("/api/")]
    assert len(tried) > 50
    for method, path in tried:
        problem(stranger.request(method, path.replace("{", "").replace("}", "")), 401)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/", "/docs", "/api/v1/hosts/"])
def test_what_is_not_there_is_hidden_from_strangers(stranger: httpx2.Client, path: str) -> None:
    problem(stranger.get(path), 401)


def test_what_is_not_there_is_a_problem(http: httpx2.Client) -> None:
    assert problem(http.get("nothing"), 404)["type"] == "urn:vmuster:problem:no-route"
    assert problem(http.delete("hosts"), 405)["type"] == "urn:vmuster:problem:no-method"


def test_the_description_names_every_answer(stranger: httpx2.Client) -> None:
    document = stranger.get(OPENAPI).json()
    assert document["openapi"].startswith("3.1")
    known = document["components"]["schemas"]
    assert {"Host", "Cluster", "VmView", "VmDetail", "Operation", "JournalEntry"} <= set(known)
    assert {
        "VmExplanation",
        "Story",
        "RulePage",
        "Problem",
        "FleetStatus",
        "Preview",
        "HeldPlan",
    } <= set(known)
    assert {"Fleet", "QuarantineView", "CredentialView", "FoundKey", "SigningKey"} <= set(known)
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(known)
    assert '"signature"' not in text
    assert '"sealed"' not in text


def test_every_operation_has_a_name_of_its_own(stranger: httpx2.Client) -> None:
    paths = stranger.get(OPENAPI).json()["paths"].values()
    names = [operation["operationId"] for path in paths for operation in path.values()]
    assert len(names) == len(set(names)) > 40


def test_every_answer_is_described(stranger: httpx2.Client) -> None:
    paths = stranger.get(OPENAPI).json()["paths"]
    silent = [
        path
        for path, of in paths.items()
        if path.startswith("/api/")
        for operation in of.values()
        if not any(
            "schema" in answer["content"].get("application/json", {})
            for status, answer in operation["responses"].items()
            if status.startswith("2") and "content" in answer
        )
    ]
    assert silent == []


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"name": "\\ud800", "profile": {}}'],
    ids=repr,
)
def test_no_body_breaks_the_server(http: httpx2.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in (("POST", "hosts"), ("POST", "clusters"), ("PATCH", "hosts/x")):
        problem(http.request(method, path, content=body, headers=headers), 422)
    said = http.patch("clusters/default/policy", content=body, headers=headers)
    problem(said, 422)


def test_a_setting_with_half_a_character_is_refused(http: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    said = http.patch("clusters/default/policy", content=b'{"\\ud800": 1}', headers=headers)
    problem(said, 422)


def test_a_body_as_deep_as_a_well_is_refused(http: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    problem(http.post("hosts", content=b"[" * 100_000, headers=headers), 400)
