"""What every request passes before any route: its path, its head, its key, its route, its body.

These are gates and not dependencies of the routes: a route that somebody adds later can't forget
them, and a stranger's body is never read, let alone parsed.
"""

import asyncio
from collections.abc import Collection
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.api.gates.keys import key_of
from vmuster.api.gates.limits import Limits
from vmuster.api.gates.peers import is_near, peer_of
from vmuster.api.gates.rates import Window, whole_seconds
from vmuster.api.gates.receiving import first
from vmuster.api.gates.routing import Found, Routes
from vmuster.api.gates.scopes import beyond, needed
from vmuster.api.outputs.problems import Problem, ProblemError, problem_of_status, too_many
from vmuster.model.keys import ApiKey
from vmuster.ports.clock import Clock
from vmuster.server.requests.api_keys import ApiKeys

_log = structlog.get_logger("vmuster.api")


class PathAsWritten:
    """Routes are found by the path as it was sent: an encoded slash is part of a name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its undecoded path; `asking.reference` decodes each part."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


class HeadLimit:
    """Takes heads of at most `head_bytes_max` bytes, also where they came in one piece."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._bytes_max = limits.head_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises a problem of status 414 or 431."""
        if scope["type"] == "http":
            target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
            if target > self._bytes_max // 2:
                raise _too_long(414, "the url", self._bytes_max // 2)
            if target + sum(len(name) + len(value) for name, value in scope["headers"]) > (
                self._bytes_max
            ):
                raise _too_long(431, "the head", self._bytes_max)
        await self._app(scope, receive, send)


class KeyGate:
    """Lets in who has a key, as the actor of that name. `open_paths` need none, `near_paths` none
    from this machine.

    Whoever comes too often without a good key is told to wait, by their address; a good key is let
    in from the same address all the while.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: ApiKeys,
        clock: Clock,
        limits: Limits,
        open_paths: Collection[str],
        near_paths: Collection[str],
    ) -> None:
        self._app = app
        self._keys = keys
        self._clock = clock
        self._open_paths = open_paths
        self._near_paths = near_paths
        self._failures = Window(clock, times=limits.failed_keys_per_minute, seconds=60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises a problem of status 401 or 429."""
        if scope["type"] == "http" and not self._is_open(scope):
            bearer = _header(scope, b"authorization")
            key = await key_of(self._keys.store, bearer, self._clock.now())
            if key is None:
                raise self._stranger(scope)
            await self._keys.used(key)
            scope["state"] |= {"actor": key.name, "key": key}
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        return path in self._open_paths or (path in self._near_paths and is_near(scope))

    def _stranger(self, scope: Scope) -> ProblemError:
        peer = peer_of(scope)
        wait = self._failures.take(peer)
        if wait:
            return too_many("too many requests without a good key", whole_seconds(wait))
        _log.warning("a request without a good key", peer=peer)
        return ProblemError(_NO_KEY, _BEARER)


class LastLook:
    """Looks the key up again once the body is there, which may have been long in coming: what a
    key began before it was revoked is not done afterwards."""

    def __init__(self, app: ASGIApp, *, keys: ApiKeys, clock: Clock) -> None:
        self._app = app
        self._keys = keys
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises a problem of status 401."""
        if scope["type"] == "http" and "key" in scope["state"] and scope["method"] != "GET":
            bearer = _header(scope, b"authorization")
            if await key_of(self._keys.store, bearer, self._clock.now()) is None:
                raise ProblemError(_NO_KEY, _BEARER)
        await self._app(scope, receive, send)


class RouteGate:
    """Finds the route, and holds its scope against the key's. HEAD is served wherever GET is."""

    def __init__(self, app: ASGIApp, *, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its route; raises a problem of status 403, 404 or 405."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = self._routes.find(scope["method"], scope["path"])
        if found.route is None:
            raise _nothing(found)
        scope["state"]["route"] = found.route
        key: ApiKey | None = scope["state"].get("key")
        wanted = needed(found.route.name)
        if key is not None and not key.scope.covers(wanted):
            raise ProblemError(beyond(key, wanted))
        if scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _head_alone(send))
        else:
            await self._app(scope, receive, send)


class BodyLimit:
    """Takes bodies of at most `body_bytes_max` bytes, whatever their headers say, and waits
    `body_seconds_max` for the whole of one."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body; raises a problem of status 408 or 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._limits.body_seconds_max):
                body = await self._whole_body(receive)
        except TimeoutError:
            raise ProblemError(_TOO_SLOW, _GOOD_BYE) from None
        if body["type"] == "http.request":
            await self._app(scope, first(body, receive), send)

    async def _whole_body(self, receive: Receive) -> Message:
        """The body as one message, or that its sender is gone. It is small, so it is kept."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self._limits.body_bytes_max:
                raise _too_long(413, "the body", self._limits.body_bytes_max)
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}


def _head_alone(send: Send) -> Send:
    """Sends an answer's head, and nothing of its body, be it endless."""
    ended = False

    async def send_head(message: Message) -> None:
        nonlocal ended
        if not ended and message["type"] == "http.response.start":
            ended = True
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _nothing(found: Found) -> ProblemError:
    if not found.methods:
        return ProblemError(problem_of_status(404))
    return ProblemError(problem_of_status(405), {"Allow": ", ".join(sorted(found.methods))})


def _too_long(status: int, what: str, bytes_max: int) -> ProblemError:
    problem = Problem(
        kind="too-long",
        title="Too long",
        status=status,
        detail=f"{what} is longer than {bytes_max} bytes",
        hint="no request needs as much",
    )
    return ProblemError(problem, _GOOD_BYE)


_GOOD_BYE: Final = {"Connection": "close"}
"""What is still to come of the request is not waited for."""
_BEARER: Final = {"WWW-Authenticate": "Bearer"}
_NO_KEY: Final = Problem(
    kind="no-key",
    title="No valid key",
    status=401,
    detail="the request bears no key that this server knows, or one that has expired",
    hint="send the header 'Authorization: Bearer KEY'",
)
_TOO_SLOW: Final = Problem(
    kind="too-slow",
    title="Too slow",
    status=408,
    detail="the body did not come to its end in time",
    hint="send it anew, in one go",
)
