"""What routes give, as the OpenAPI document says it: made from the very values that are encoded."""

from typing import Any, Final

import msgspec

from vmuster.api.outputs.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]
REF: Final = "#/components/schemas/{name}"
_SAID: Final = {
    400: "it can't be read",
    401: "no valid key",
    403: "the key may not do this",
    404: "it names something that is not there",
    408: "it did not come to its end in time",
    409: "refused; repeating it changes nothing",
    412: "it has changed since: If-Match names an older tag",
    413: "too long",
    414: "the url is too long",
    422: "not a valid request",
    429: "too many requests; see Retry-After",
    431: "the head is too long",
    500: "a failure of ours; see the server's log",
    503: "not now; see Retry-After",
}
PROBLEMS: Final[Responses] = {
    status: {
        "description": said,
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}},
    }
    for status, said in _SAID.items()
}
_given: dict[str, type[msgspec.Struct]] = {}
"""Every value that some route gives, by name; filled as the routes are declared."""
_listed: dict[str, dict[str, Any]] = {}
"""The schema of every list that some route gives, by name."""


def gives(kind: type[msgspec.Struct], status: int = 200) -> Responses:
    """That a route gives one `kind`."""
    return _gives(status, _referred(kind))


def gives_list(kind: type[msgspec.Struct], status: int = 200) -> Responses:
    """That a route gives several of `kind`, all at once."""
    return _gives(status, _listing(f"{kind.__name__}List", kind, {}))


def gives_page(kind: type[msgspec.Struct]) -> Responses:
    """That a route gives several of `kind`, a page at a time."""
    total = {"type": "integer", "description": "on all pages; where it was asked for"}
    return _gives(200, _listing(f"{kind.__name__}Page", kind, {"total": total}))


def given() -> list[type[msgspec.Struct]]:
    """Every value that some route gives."""
    return list(_given.values())


def lists() -> dict[str, dict[str, Any]]:
    """The schema of every list that some route gives, by name."""
    return dict(_listed)


def _gives(status: int, schema: dict[str, Any]) -> Responses:
    return {status: {"description": "done", "content": {"application/json": {"schema": schema}}}}


def _referred(kind: type[msgspec.Struct]) -> dict[str, Any]:
    _given[kind.__name__] = kind
    return {"$ref": REF.format(name=kind.__name__)}


def _listing(name: str, kind: type[msgspec.Struct], more: dict[str, Any]) -> dict[str, Any]:
    following = {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "the cursor of the next page; null on the last one",
    }
    _listed[name] = {
        "title": name,
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": _referred(kind)},
            "next": following,
            **more,
        },
    }
    return {"$ref": REF.format(name=name)}
