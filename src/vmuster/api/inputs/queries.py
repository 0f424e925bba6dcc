"""What may stand in a URL's query: what the OpenAPI document describes, and nothing else.

A misspelt filter that is passed over gives every VM for an answer to a question about some; a
program that acts on that acts on the wrong ones.
"""

from collections.abc import Mapping
from functools import cached_property

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request


class Queries:
    """The query parameters of every route, as the document of `app` describes them when the first
    request with a query comes."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def described(self) -> Mapping[str, Mapping[str, bool]]:
        """Route → its parameters; whether each is a list."""
        return {
            operation["operationId"]: {
                parameter["name"]: parameter["schema"].get("type") == "array"
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "query"
            }
            for path in self._app.openapi()["paths"].values()
            for operation in path.values()
        }

    async def refuse_unknown(self, request: Request) -> None:
        """Refuse a parameter that the route does not have, or that is said twice and is one."""
        if request.query_params:
            _check(request, self.described.get(request.scope["route"].name, {}))


def _check(request: Request, known: Mapping[str, bool]) -> None:
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
