"""What every answer bears, whatever is in it: the request's id, and what browsers are told.

The id is the asker's own where they sent one that is safe to repeat. It stands in every line that
the log has about the request. Of requests that change something the log has one line more: who,
what, how it ended, and whether it was only rehearsed; nothing of their bodies or other queries.
What fails in a way that nobody thought of is answered here too, and said in the log once; and what
the gates further in raise.
"""

import re
from collections.abc import Iterable
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.api.gates.rehearsing import is_rehearsal
from vmuster.api.gates.routing import template_of
from vmuster.api.outputs.problems import UNEXPECTED, ProblemError, respond, response_of
from vmuster.model.errors import VmusterError
from vmuster.model.text import bounded, visible
from vmuster.ports.clock import Clock

Header = tuple[bytes, bytes]
_log = structlog.get_logger("vmuster.api")
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_WANTED: Final = b"x-request-id"
_ASKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Envelope:
    """The gate within the counting one. Those further in leave in `scope["state"]` who asks
    (`actor`) and the `route`."""

    def __init__(self, app: ASGIApp, *, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id, and its answer back with what every answer bears."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _id_of(scope) or self._clock.uuid().hex
        scope.setdefault("state", {})
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request)
        began, status = self._clock.monotonic(), 0

        async def enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": borne(message.get("headers", ()), request)}
            await send(message)

        try:
            await self._app(scope, receive, enveloped)
        except (ProblemError, VmusterError) as error:
            await response_of(error)(scope, receive, enveloped)
        except Exception:
            _log.exception("a request failed in a way that nobody thought of")
            if status:
                raise  # half an answer is out: the connection has to end
            await respond(UNEXPECTED)(scope, receive, enveloped)
        finally:
            if scope["method"] not in _ASKING and "actor" in scope["state"]:
                _log.info(
                    "asked",
                    actor=scope["state"]["actor"],
                    method=visible(bounded(scope["method"], 20)),
                    route=template_of(scope),
                    status=status,
                    seconds=round(self._clock.monotonic() - began, 3),
                    **({"dry_run": True} if _is_rehearsal(scope) else {}),
                )


def _id_of(scope: Scope) -> str:
    """The id that the asker gave; empty where there is none, or none that could be repeated."""
    given = [value for name, value in scope["headers"] if name == _WANTED]
    text = given[0].decode("latin-1") if len(given) == 1 else ""
    return text if _ID.fullmatch(text) else ""


def borne(headers: Iterable[Header], request: str) -> list[Header]:
    """`headers` of an answer, with those that every answer bears. `request`: its id."""
    given = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in given}
    more = [each for each in _ALWAYS if each[0] not in names]
    return [*given, *more, (_WANTED, request.encode("ascii"))]


def _is_rehearsal(scope: Scope) -> bool:
    """Whether it was only to be rehearsed, as far as that was said clearly."""
    try:
        return is_rehearsal(scope)
    except ProblemError:
        return False
