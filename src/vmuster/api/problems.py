"""Refusals and failures as problem documents (RFC 9457), each saying what to do next.

What went wrong inside is for the log: no answer holds a stack, a statement, a path or an address
of ours (T35), and what a stranger sent is echoed in a visible form and bounded.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vmuster.model.errors import NotFound, Refused, Unavailable, VmusterError
from vmuster.model.text import bounded, visible

_log = structlog.get_logger("vmuster.api")
MEDIA_TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem document. `kind` is the last part of its type."""

    kind: str
    title: str
    status: int
    detail: str
    hint: str = ""

    @property
    def document(self) -> dict[str, object]:
        """The document as plain data."""
        return {
            "type": f"urn:vmuster:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
        }


_ERRORS: Final[tuple[tuple[type[VmusterError], str, str, int], ...]] = (
    (NotFound, "not-found", "Not found", 404),
    (Refused, "refused", "Refused", 409),
    (Unavailable, "unavailable", "Not now", 503),
)
"""The first that fits. What is not here (Corrupt) is a failure of ours, and for the log."""

_UNEXPECTED: Final = Problem(
    kind="unexpected",
    title="Unexpected failure",
    status=500,
    detail="the server failed; nothing is known of why here",
    hint="look into the server's log",
)
_SEE: Final = "see /api/v1/openapi.json"
_HTTP: Final = {
    404: ("no-route", "Nothing here", "there is nothing at this path"),
    405: ("no-method", "Not this method", "this path does not take this method"),
}
_OTHER: Final = ("http", "Not served", "the request can't be served")
_PLACES_MAX: Final = 5
_SAID_CHARACTERS_MAX: Final = 200


def problem_of(error: VmusterError) -> Problem:
    """The document of an error that we raise on purpose. What it does not say is logged."""
    for fits, kind, title, status in _ERRORS:
        if isinstance(error, fits):
            return Problem(
                kind=kind, title=title, status=status, detail=error.message, hint=error.hint
            )
    _log.error("a request failed", why=error.message, hint=error.hint)
    return _UNEXPECTED


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries `problem`."""
    return Response(
        msgspec.json.encode(problem.document),
        status_code=problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def answer_errors(app: FastAPI) -> None:
    """Have every error of `app` answered by a problem document."""
    for kind in (VmusterError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _answer)


async def _answer(_request: Request, error: Exception) -> Response:
    match error:
        case Unavailable():
            seconds = max(1, round(error.retry_after_seconds))
            return respond(problem_of(error), {"Retry-After": str(seconds)})
        case VmusterError():
            return respond(problem_of(error))
        case RequestValidationError():
            return respond(_invalid(error))
        case HTTPException():
            return respond(_http(error), error.headers)
        case _:
            return respond(_UNEXPECTED)


def _invalid(error: RequestValidationError) -> Problem:
    return Problem(
        kind="invalid",
        title="Invalid request",
        status=422,
        detail="; ".join(_said(each) for each in error.errors()[:_PLACES_MAX]),
        hint=_SEE,
    )


def _said(error: Mapping[str, Any]) -> str:
    """Where it is wrong, and what should be there."""
    place = ".".join(str(part) for part in error["loc"])
    return visible(bounded(f"{place}: {error['msg']}", _SAID_CHARACTERS_MAX))


def _http(error: HTTPException) -> Problem:
    kind, title, detail = _HTTP.get(error.status_code, _OTHER)
    return Problem(kind=kind, title=title, status=error.status_code, detail=detail, hint=_SEE)
