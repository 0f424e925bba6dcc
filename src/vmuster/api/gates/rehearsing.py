"""`?dry_run=true`: the request is made in vain, and answered by what it would have changed.

A gate, so that no route that changes something can forget it: the route is given a service in
which it changes everything for nobody, and what it answers is put into the document. A refusal is
passed on as it is, and so is a question: there is nothing to rehearse about it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vmuster.api.gates.capturing import Captured
from vmuster.api.outputs.problems import Problem, ProblemError
from vmuster.server.answers.foretold import CommandLine, Foretold, RowLine, foretold
from vmuster.server.service import Service

PARAMETER: Final = "dry_run"
QUESTIONS: Final = frozenset({"find_host_keys", "preview_passes"})
"""Routes that are posted to, and change nothing."""
SECONDS_MAX: Final = 5.0
"""While a request is rehearsed, other commits may wait: a longer rehearsal, or one whose turn does
not come, is given up (L10, L13)."""
CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TYPE: Final = "application/json"


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered to a request that was rehearsed. `answer`: what would have been answered;
    `more`: how many changes, entries and commands were too many to be said."""

    dry_run: bool
    answer: msgspec.Raw
    changes: tuple[RowLine, ...]
    entries: tuple[str, ...]
    commands: tuple[CommandLine, ...]
    more: int


class RehearsalGate:
    """Has requests rehearsed that ask for it."""

    def __init__(self, app: ASGIApp, *, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, to be done or only to be rehearsed."""
        if not is_rehearsal(scope):
            await self._app(scope, receive, send)
            return
        answer = Captured()
        try:
            async with asyncio.timeout(SECONDS_MAX):
                told = await self._rehearsed(scope, receive, answer)
        except TimeoutError:
            raise ProblemError(_TOO_LONG) from None
        said = answer.pass_on if told is None else _document(answer, told)
        await said(scope, receive, send)

    async def _rehearsed(self, scope: Scope, receive: Receive, answer: Captured) -> Foretold | None:
        """What would change, with the `answer` that would have been given; None where it would be
        refused. Nobody is sent anything in here: they might be slow to take it."""
        async with self._service.rehearsal() as (service, rehearsal):
            state = {**scope.get("state", {}), "service": service}
            await self._app({**scope, "state": state}, receive, answer.send)
            if not answer.done:
                return None
            return await foretold(
                service.store, rehearsal.changes, rehearsal.entries, rehearsal.commands
            )


def is_rehearsal(scope: Scope) -> bool:
    """Whether a request is only to be rehearsed. Raises a problem where that can't be told: what
    is half said must not be done in earnest."""
    if scope["type"] != "http" or scope["method"] not in CHANGING:
        return False
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    said = [value for name, value in query if name == PARAMETER]
    if said not in ([], ["true"], ["false"]):
        raise ProblemError(_UNCLEAR)
    return said == ["true"] and _route_of(scope) not in QUESTIONS


def describe_rehearsals(document: Mapping[str, Any]) -> None:
    """Have the OpenAPI `document` say which requests can be rehearsed."""
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if method.upper() in CHANGING and operation["operationId"] not in QUESTIONS:
                operation.setdefault("parameters", []).append(_DESCRIBED)


def _route_of(scope: Scope) -> str:
    route = scope.get("state", {}).get("route")
    return route.name if route is not None else ""


def _document(answer: Captured, told: Foretold) -> Response:
    body = Rehearsed(
        dry_run=True,
        answer=msgspec.Raw(answer.body or b"null"),
        changes=told.changes,
        entries=told.entries,
        commands=told.commands,
        more=told.more,
    )
    return Response(msgspec.json.encode(body), media_type=_TYPE)


_UNCLEAR: Final = Problem(
    kind="invalid",
    title="Invalid request",
    status=422,
    detail=f"query.{PARAMETER}: it is said once, and is true or false",
    hint="nothing was done",
)
_TOO_LONG: Final = Problem(
    kind="rehearsal-too-long",
    title="Too long to rehearse",
    status=503,
    detail=f"it was not rehearsed within {SECONDS_MAX:.0f} s, and given up: nothing was changed",
    hint="rehearse a part of it, such as one VM, and take that for the rest",
)
_DESCRIBED: Final = {
    "name": PARAMETER,
    "in": "query",
    "required": False,
    "schema": {"type": "boolean", "default": False},
    "description": "change nothing; answer 200 with `dry_run`, the `answer` that would have been"
    " given, and the `changes`, journal `entries` and `commands` that there would have been",
}
