"""Answers and problems in the OpenAPI document: made from the very values that are encoded."""

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vmuster.api.answers import UNSAID
from vmuster.api.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]
_REF: Final = "#/components/schemas/{name}"
_described: dict[str, type[msgspec.Struct]] = {}
"""Every value that some route gives, by name; filled as the routes are declared."""

_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "hint"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened"},
        "hint": {"type": "string", "description": "what to do next"},
    },
}
_SAID: Final = {
    401: "no valid key",
    404: "it names something that is not there",
    409: "refused; repeating it changes nothing",
    413: "too long",
    422: "not a valid request",
    503: "not now; see Retry-After",
}
PROBLEMS: Final[Responses] = {
    status: {
        "description": said,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
    }
    for status, said in _SAID.items()
}


def gives(kind: type[msgspec.Struct], status: int = 200) -> Responses:
    """That a route gives one `kind`."""
    return _gives(status, {"$ref": _referred(kind)})


def gives_list(kind: type[msgspec.Struct], status: int = 200) -> Responses:
    """That a route gives several of `kind`."""
    items = {"type": "array", "items": {"$ref": _referred(kind)}}
    return _gives(status, {"type": "object", "required": ["items"], "properties": {"items": items}})


def describe_answers(app: FastAPI) -> None:
    """Have the OpenAPI document of `app` say what answers look like, and that a key is needed."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = made.setdefault("components", {})
    _, described = msgspec.json.schema_components(
        _described.values(), schema_hook=_anything, ref_template=_REF
    )
    components.setdefault("schemas", {}).update(
        {name: _said(schema) for name, schema in described.items()} | {"Problem": _PROBLEM}
    )
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, methods in made["paths"].items():
        if path.startswith("/api/"):
            for method in methods.values():
                method["security"] = [{"key": []}]
    return made


def _anything(kind: type) -> dict[str, Any]:
    """Evidence is plain JSON data of any kind."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "plain JSON data"}


def _gives(status: int, schema: dict[str, Any]) -> Responses:
    return {status: {"description": "done", "content": {"application/json": {"schema": schema}}}}


def _referred(kind: type[msgspec.Struct]) -> str:
    _described[kind.__name__] = kind
    return _REF.format(name=kind.__name__)


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what `answers` leaves unsaid."""
    if "properties" not in schema:
        return schema
    properties = {name: of for name, of in schema["properties"].items() if name not in UNSAID}
    required = [name for name in schema.get("required", []) if name not in UNSAID]
    return {**schema, "properties": properties, "required": required}
