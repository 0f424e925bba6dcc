"""Refusals and failures as problem documents (RFC 9457), each saying what to do next.

What went wrong inside is for the log: no answer holds a stack, a statement, a path or an address
of ours (T35), and what a stranger sent is echoed in a visible form and bounded. `instance` names
the request, by whose id the log can be searched.
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
        """The document as plain data, about the request that is being answered."""
        request = structlog.contextvars.get_contextvars().get("request_id", "")
        document: dict[str, object] = {
            "type": f"urn:vmuster:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
        }
        return document | ({"instance": f"urn:vmuster:request:{request}"} if request else {})


class ProblemError(Exception):
    """A problem that a route or a gate answers with, whatever it is."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.headers = headers


_ERRORS: Final[tuple[tuple[type[VmusterError], str, str, int], ...]] = (
    (NotFound, "not-found", "Not found", 404),
    (Refused, "refused", "Refused", 409),
    (Unavailable, "unavailable", "Not now", 503),
)
"""The first that fits. What is not here (Corrupt) is a failure of ours, and for the log."""

UNEXPECTED: Final = Problem(
    kind="unexpected",
    title="Unexpected failure",
    status=500,
    detail="the server failed; nothing is known of why here",
    hint="look into the server's log",
)
_SEE: Final = "see /api/v1/openapi.json"
_HTTP: Final = {
    400: ("http", "Not served", "the body can't be read: it has to be JSON, in UTF-8"),
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
    return UNEXPECTED


def problem_of_status(status: int) -> Problem:
    """The document of what HTTP itself has a status for."""
    kind, title, detail = _HTTP.get(status, _OTHER)
    return Problem(kind=kind, title=title, status=status, detail=detail, hint=_SEE)


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries `problem`."""
    return Response(
        msgspec.json.encode(problem.document),
        status_code=problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def too_many(detail: str, wait: int) -> ProblemError:
    """That there were too many of something; `wait`: whole seconds until it may be tried again."""
    problem = Problem(
        kind="too-many",
        title="Too many",
        status=429,
        detail=detail,
        hint=f"nothing was taken in; ask again in {wait} s, as Retry-After says",
    )
    return ProblemError(problem, {"Retry-After": str(wait)})


def response_of(error: VmusterError | ProblemError) -> Response:
    """The response to an error that we raise on purpose."""
    if isinstance(error, ProblemError):
        return respond(error.problem, error.headers)
    if isinstance(error, Unavailable):
        seconds = max(1, round(error.retry_after_seconds))
        return respond(problem_of(error), {"Retry-After": str(seconds)})
    return respond(problem_of(error))


def answer_errors(app: FastAPI) -> None:
    """Have every error of `app` that is raised on purpose answered by a problem document.

    The others are `envelopes.Envelope`'s.
    """
    for kind in (VmusterError, ProblemError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


async def _answer(_request: Request, error: Exception) -> Response:
    match error:
        case VmusterError() | ProblemError():
            return response_of(error)
        case RequestValidationError():
            return respond(_invalid(error))
        case HTTPException():
            return respond(problem_of_status(error.status_code), error.headers)
        case _:
            raise error


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
