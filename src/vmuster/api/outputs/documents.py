"""The OpenAPI document, such that a program can be generated from it.

Values are described by the rule by which they are said (`server/answers/saying`): times, names of
hosts, what is left unsaid. Every field of an answer is there, whatever its default; every choice
between several forms has a name, as has every list.
"""

import inspect
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, get_type_hints

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec import inspect as kinds
from starlette.requests import Request
from starlette.responses import Response

from vmuster.api.gates.rehearsing import CHANGING, QUESTIONS, Rehearsed, describe_rehearsals
from vmuster.api.gates.repeating import describe_keys
from vmuster.api.outputs.schemas import REF, given, lists
from vmuster.model.ids import HostId
from vmuster.server.answers.saying import HOST, HOST_NAME, UNSAID, is_time

Schema = dict[str, Any]
_PROBLEM: Final[Schema] = {
    "title": "Problem",
    "description": "Why a request was not done (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "hint", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:vmuster:problem: and its kind"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened"},
        "hint": {"type": "string", "description": "what to do next"},
        "instance": {"type": "string", "description": "urn:vmuster:request: and the request's id"},
    },
}
_CHOICES: Final = {
    ("LocalProfile", "LoopbackProfile", "SshProfile", "TlsProfile", "SimulatedProfile"): "Profile",
    ("StopVm", "StartVm", "MarkVm", "UnmarkVm"): "Command",
    ("HomeClearance", "FenceProof"): "Clearance",
    ("session", "system"): "LibvirtScope",
    ("SshSecret", "TlsSecret"): "CredentialSecret",
}
"""What a choice between several forms, or words, is called."""
_JSON: Final = "application/json"
_INNER: Final = ("item_type", "key_type", "value_type")
_SUMMARY_CHARACTERS_MAX: Final = 120


def describe_answers(app: FastAPI) -> None:
    """Have the OpenAPI document of `app` say what answers look like, and that a key is needed."""

    def document() -> Schema:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document


def serve_document(app: FastAPI, path: str) -> None:
    """Answer `path` with the OpenAPI document of `app`. It is encoded once: the whole server waits
    while it is (L10)."""

    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(app.openapi())

    async def openapi(_request: Request) -> Response:
        return Response(encoded(), media_type=_JSON)

    app.add_route(path, openapi, include_in_schema=False)


def structs(roots: Sequence[type[msgspec.Struct]]) -> Iterator[kinds.StructType]:
    """Every struct among `roots`, and all within them."""
    to_see: list[Any] = list(kinds.multi_type_info(roots))
    known: set[type] = set()
    while to_see:
        kind = to_see.pop()
        if isinstance(kind, kinds.StructType):
            if kind.cls in known:
                continue
            known.add(kind.cls)
            yield kind
            to_see += [field.type for field in kind.fields]
        to_see += [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]
        to_see += [inner for name in _INNER if (inner := getattr(kind, name, None)) is not None]


def _document(app: FastAPI) -> Schema:
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= _described([*given(), Rehearsed]) | lists() | {"Problem": _PROBLEM}
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _summarise(operation)
            _name_body(operation, schemas)
            if method.upper() in CHANGING and operation["operationId"] not in QUESTIONS:
                _name_rehearsed(operation, schemas)
            if path.startswith("/api/"):
                operation["security"] = [{"key": []}]
    describe_rehearsals(made)
    describe_keys(made)
    return made


def _summarise(operation: Schema) -> None:
    """The first sentence of what is said of it."""
    said = " ".join(operation.get("description", "").split())
    first = said.partition(". ")[0].rstrip(".")
    if first and len(first) <= _SUMMARY_CHARACTERS_MAX:
        operation["summary"] = first


def _name_body(operation: Schema, schemas: Schema) -> None:
    """What a request may say is referred to by its name where there is a choice."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["schema"] = _chosen(content["schema"], schemas)


def _name_rehearsed(operation: Schema, schemas: Schema) -> None:
    """What is answered with 200 where the request was only rehearsed, or else."""
    rehearsed = _ref("Rehearsed")
    done = operation["responses"].get("200")
    if done is None:
        content = {_JSON: {"schema": rehearsed}}
        operation["responses"]["200"] = {"description": "only rehearsed", "content": content}
        return
    content = done["content"][_JSON]
    name = f"{content['schema']['$ref'].rpartition('/')[2]}OrRehearsed"
    schemas[name] = {"title": name, "anyOf": [content["schema"], rehearsed]}
    content["schema"] = _ref(name)


def _described(values: Sequence[type[msgspec.Struct]]) -> dict[str, Schema]:
    """The schemas of `values`, and of all within them, by name."""
    _, schemas = msgspec.json.schema_components(values, schema_hook=_anything, ref_template=REF)
    of: dict[str, type[msgspec.Struct]] = {
        struct.cls.__name__: struct.cls for struct in structs(values)
    }
    choices: dict[str, Schema] = {}
    described = {
        name: _enum(schema) if "enum" in schema else _struct(schema, of.get(name), choices)
        for name, schema in schemas.items()
    }
    return described | choices


def _anything(kind: type) -> Schema:
    """Evidence is plain JSON data of any kind."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "plain JSON data"}


def _enum(schema: Schema) -> Schema:
    return {"type": "string", **schema, **_clean(schema)}


def _struct(
    schema: Schema, kind: type[msgspec.Struct] | None, choices: dict[str, Schema]
) -> Schema:
    properties: Schema = {}
    hints = {} if kind is None else get_type_hints(kind)
    optional = kind is not None and kind.__struct_config__.omit_defaults
    required = list(schema.get("required", ()))
    for name, property_ in schema["properties"].items():
        if name in UNSAID:
            continue
        properties[name] = _property(name, property_, choices)
        if name == HOST and _holds_host(hints.get(name)):
            properties[HOST_NAME] = _nullable({"type": "string"}) | {
                "description": "null: there is no host of this id any more"
            }
    always = [name for name in properties if name in required or not optional]
    if HOST_NAME in always and hints.get(HOST, HostId) is not HostId:
        always.remove(HOST_NAME)
    return {**schema, **_clean(schema), "properties": properties, "required": always}


def _property(name: str, schema: Schema, choices: dict[str, Schema]) -> Schema:
    said = {key: value for key, value in schema.items() if key != "default"}
    forms = schema.get("anyOf", [schema])
    if is_time(name) and any(form.get("type") == "number" for form in forms):
        moment = {"type": "string", "format": "date-time"}
        never = len(forms) > 1 or schema.get("default") == 0
        return _nullable(moment) if never else moment
    return _chosen(said, choices)


def _chosen(schema: Schema, choices: dict[str, Schema]) -> Schema:
    """`schema`, where a choice between several structs or words is referred to by its name."""
    words = tuple(schema.get("enum", ()))
    forms = schema.get("anyOf", schema.get("oneOf", ()))
    several = words or tuple(form["$ref"].rpartition("/")[2] for form in forms if "$ref" in form)
    if len(several) < 2:
        return {"type": "string", **schema} if words else schema
    name = _CHOICES[several]
    choices[name] = {"title": name, **({"type": "string"} if words else {}), **schema}
    return _ref(name)


def _ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _clean(schema: Schema) -> Schema:
    """The description without the indentation of its source."""
    return (
        {"description": inspect.cleandoc(schema["description"])} if "description" in schema else {}
    )


def _holds_host(hint: Any) -> bool:
    return hint is HostId or HostId in getattr(hint, "__args__", ())
