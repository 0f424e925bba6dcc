"""The OpenAPI document: values by the rule by which they are said, and nothing without a name."""

from collections.abc import Iterator
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from tests.doors import Door, at_door
from tests.served import Served
from vmuster.api.app import OPENAPI
from vmuster.api.outputs.documents import describe_answers
from vmuster.api.outputs.schemas import gives
from vmuster.model.host import NameGrant

METHODS = {"get", "post", "put", "patch", "delete"}
NULL = {"type": "null"}


@pytest.fixture(scope="module")
def document(world: Served) -> dict[str, Any]:
    return httpx2.get(world.url + OPENAPI).json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS & set(methods):
            yield path, methods[method]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a value."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        yield fields
        for inner in fields.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from parts(inner)


def test_it_is_a_valid_document(document: dict[str, Any]) -> None:
    validate(document)


def test_times_hosts_and_secrets_are_described_as_they_are_said(document: dict[str, Any]) -> None:
    known = document["components"]["schemas"]
    moment = {"type": "string", "format": "date-time"}
    host, grant = known["Host"]["properties"], known["NameGrant"]["properties"]
    assert host["added_at"] == moment
    assert host["last_report_at"] == host["health_at"] == {"anyOf": [moment, NULL]}
    assert known["Policy"]["properties"]["quiet_seconds"]["type"] == "number"
    assert "signature" not in grant
    operation = known["Operation"]
    assert operation["properties"]["host_name"]["anyOf"] == [{"type": "string"}, NULL]
    assert "host_name" in operation["required"]
    assert "host_name" not in known["VmView"]["properties"]
    assert "host_name" not in known["JournalEntry"]["required"]


def test_every_field_of_an_answer_is_always_there(document: dict[str, Any]) -> None:
    known = document["components"]["schemas"]
    assert set(known["Host"]["required"]) == set(known["Host"]["properties"])


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert operation["operationId"]
        assert operation["summary"]
        assert "\n" not in operation["summary"]
        if path.startswith("/api/"):
            assert operation["security"] == [{"key": []}]
            for status in ("401", "403", "404", "409", "422", "429", "503"):
                content = operation["responses"][status]["content"]
                assert set(content) == {"application/problem+json"}
        for parameter in operation.get("parameters", ()):
            assert parameter["schema"].keys() & {"type", "$ref", "anyOf"}, parameter


def test_no_choice_between_forms_is_without_a_name(document: dict[str, Any]) -> None:
    known = document["components"]["schemas"]
    named = [id(schema) for schema in known.values()]
    unnamed = [
        part
        for part in parts(document)
        for choice in ("anyOf", "oneOf")
        if len([form for form in part.get(choice, ()) if "$ref" in form]) > 1
        and id(part) not in named
    ]
    assert unnamed == []
    enums = [part for part in parts(document) if "enum" in part and len(part["enum"]) > 1]
    assert {part.get("title") for part in enums} <= set(known)
    assert all(part["type"] == "string" for part in enums)


def test_only_what_is_under_the_api_needs_a_key() -> None:
    app = FastAPI()

    @app.get("/api/x", responses=gives(NameGrant))
    async def within() -> None: ...

    @app.get("/x")
    async def outside() -> None: ...

    describe_answers(app)
    paths = app.openapi()["paths"]
    assert paths["/api/x"]["get"]["security"] == [{"key": []}]
    assert "security" not in paths["/x"]["get"]


def test_the_document_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(door: Door) -> None:
        first = await door.ask("GET", "openapi.json", key="")
        with monkeypatch.context() as patch:
            patch.setattr(door.app, "openapi", lambda: pytest.fail("it was encoded anew"))
            again = await door.ask("GET", "openapi.json", key="")
        assert again.content == first.content
        assert again.headers["content-type"] == "application/json"
        assert first.json() == door.app.openapi()

    at_door(act)
