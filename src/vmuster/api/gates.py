"""What every request passes before any route: its path as it was written, its key, its size.

These are gates and not dependencies of the routes: a route that somebody adds later can't forget
them, and a stranger's body is never read, let alone parsed.
"""

from collections.abc import Collection
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.api.keys import actor_of_key
from vmuster.api.problems import Problem, problem_of, respond
from vmuster.model.errors import VmusterError
from vmuster.ports.store import Store

BODY_BYTES_MAX: Final = 1024 * 1024


class PathAsWritten:
    """Routes are found by the path as it was sent: an encoded slash is part of a name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its undecoded path; `asking.reference` decodes each part."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


class KeyGate:
    """Lets in who has a key, as the actor of that name; `open_paths` need none."""

    def __init__(self, app: ASGIApp, *, store: Store, open_paths: Collection[str]) -> None:
        self._app = app
        self._store = store
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        try:
            actor = await actor_of_key(self._store, _header(scope, b"authorization"))
        except VmusterError as error:
            await respond(problem_of(error))(scope, receive, send)
            return
        if actor is None:
            await respond(_NO_KEY, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        scope.setdefault("state", {})["actor"] = actor
        await self._app(scope, receive, send)


class BodyLimit:
    """Takes bodies of at most `BODY_BYTES_MAX` bytes, whatever their headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        if body is None:
            await respond(_TOO_LONG, {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _first(body, receive), send)


async def _whole_body(receive: Receive) -> Message | None:
    """The body as one message; None where it is too long. Bodies here are small, so it is kept."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


def _first(message: Message, receive: Receive) -> Receive:
    waiting = [message]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


_NO_KEY: Final = Problem(
    kind="no-key",
    title="No valid key",
    status=401,
    detail="the request bears no key that this server knows",
    hint="send the header 'Authorization: Bearer KEY'",
)
_TOO_LONG: Final = Problem(
    kind="too-long",
    title="Too long",
    status=413,
    detail=f"the body is longer than {BODY_BYTES_MAX} bytes",
    hint="no request needs as much",
)
