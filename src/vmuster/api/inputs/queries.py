"""What may stand in a URL's query: what the OpenAPI document describes, and nothing else.

A misspelt filter that is passed over gives every VM for an answer to a question about some; a
program that acts on that acts on the wrong ones.
"""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request


async def refuse_unknown(request: Request) -> None:
    """Refuse a query parameter that the route does not have, or that is said twice and is one."""
    if not request.query_params:
        return
    known = _described(request.app.openapi(), request)
    said = [name for name, _ in request.query_params.multi_items()]
    wrong = [
        {
            "loc": ("query", name),
            "msg": "said more than once" if name in known else _none_such(known),
        }
        for name in dict.fromkeys(said)
        if name not in known or (said.count(name) > 1 and not known[name])
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _none_such(known: Mapping[str, bool]) -> str:
    return f"there is no such parameter here; there is {', '.join(known) or 'none'}"


def _described(document: Mapping[str, Any], request: Request) -> dict[str, bool]:
    """The query parameters of the request's route, by the document; whether each is a list."""
    wanted = request.scope["route"].name
    return {
        parameter["name"]: parameter["schema"].get("type") == "array"
        for path in document["paths"].values()
        for operation in path.values()
        if operation["operationId"] == wanted
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
