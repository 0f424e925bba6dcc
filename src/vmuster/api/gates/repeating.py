"""`Idempotency-Key`: a request that is sent again, since its answer was lost, is done once.

A row says that the request was begun before it is done, and keeps its answer afterwards, for a
day. What was refused is not kept: nothing was done, and it may be asked again. Where the server
ended in between, nobody knows whether it was done, and a person is told so; it is never done a
second time. Requests about VMs are told by a stronger means: their operation bears the key.

Answers that hold a secret, and long ones, are not kept: of these a second request learns only that
the first one was done.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from msgspec.structs import replace
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.api.gates.capturing import Captured
from vmuster.api.gates.receiving import first
from vmuster.api.gates.rehearsing import QUESTIONS, is_rehearsal
from vmuster.api.outputs.problems import Problem, ProblemError
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import VmusterError
from vmuster.model.operations import RequestAnswer
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store

HEADER: Final = "idempotency-key"
REPLAYED: Final = "Idempotent-Replayed"
BODY_BYTES_MAX: Final = 64 * 1024
"""A longer answer is not kept."""
KEY_CHARACTERS_MAX: Final = 200
BY_THEMSELVES: Final = frozenset({"adopt_vm", "release_vm", "forget_vm", "start_vm", "stop_vm"})
"""Routes whose operation bears the key, in the very commit that makes it."""
SECRET: Final = frozenset({"create_api_key", "add_webhook"})
"""Routes whose answer is given once, and kept nowhere."""
_BEGUN: Final = 0
_LATER: Final = 503
_Name = tuple[str, str]


class RepeatGate:
    """Answers a repeated request as it was answered the first time."""

    def __init__(self, app: ASGIApp, *, store: Store, clock: Clock) -> None:
        self._app = app
        self._store = store
        self._clock = clock
        self._in_flight: set[_Name] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it again. Raises a problem of status 409 or 422."""
        key = _key(scope)
        if not key:
            await self._app(scope, receive, send)
            return
        name = (scope["state"]["actor"], key)
        message = await receive()
        digest = _digest(scope, message)
        if name in self._in_flight:
            await self._refuse_second(name, digest)
        self._in_flight.add(name)
        try:
            answer = await self._answered(name, digest, scope, first(message, receive))
        finally:
            self._in_flight.discard(name)
        await answer(scope, receive, send)

    async def _refuse_second(self, name: _Name, digest: str) -> NoReturn:
        """Refuse what comes while a request with the same key is being answered."""
        known = await self._store.get(RequestAnswer, *name)
        if known is not None and known.digest != digest:
            raise ProblemError(_OTHER)
        raise _under_way()

    async def _answered(self, name: _Name, digest: str, scope: Scope, receive: Receive) -> ASGIApp:
        """The answer, of now or of before; no other request with this key is under way."""
        known = await self._store.get(RequestAnswer, *name)
        if known is not None:
            return self._again(known, digest)
        begun = await self._begin(name, digest)
        return (await self._done(begun, scope, receive)).pass_on

    def _again(self, known: RequestAnswer, digest: str) -> Response:
        """The answer that was given. Raises the reason why there is none."""
        if known.digest != digest:
            raise ProblemError(_OTHER)
        if known.status == _BEGUN:
            raise ProblemError(_UNKNOWN)
        if not known.body:
            raise ProblemError(_NOT_KEPT)
        headers = {REPLAYED: "true"} | ({"Location": known.location} if known.location else {})
        return Response(known.body, known.status, headers, media_type="application/json")

    async def _begin(self, name: _Name, digest: str) -> RequestAnswer:
        """Say that it is begun. Raises a problem where somebody was quicker."""
        actor, key = name
        begun = RequestAnswer(
            actor=actor,
            key=key,
            digest=digest,
            status=_BEGUN,
            body="",
            created_at=self._clock.now(),
        )
        (refused,) = await self._store.commit((_written(None, begun),))
        if refused:
            raise _under_way()
        return replace(begun, version=1)

    async def _done(self, begun: RequestAnswer, scope: Scope, receive: Receive) -> Captured:
        """The answer, which is kept by then where the request was done."""
        answer = Captured()
        try:
            await self._app(scope, receive, answer.send)
        except (ProblemError, VmusterError):
            await self._store.commit((_written(begun, None),))
            raise
        if answer.done:
            kept = _kept(begun, answer, secret=scope["state"]["route"].name in SECRET)
            await self._store.commit((_written(begun, kept),))
        elif answer.status < 500 or answer.status == _LATER:
            await self._store.commit((_written(begun, None),))
        return answer


def describe_keys(document: Mapping[str, Any]) -> None:
    """Have the OpenAPI `document` say which requests can be repeated."""
    for methods in document["paths"].values():
        operation = methods.get("post")
        if operation is not None and operation["operationId"] not in QUESTIONS | BY_THEMSELVES:
            operation.setdefault("parameters", []).append(_DESCRIBED)


def _key(scope: Scope) -> str:
    """The key by which the request is told here; empty where it has none. Raises a problem where
    it is no key."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return ""
    said = [value for name, value in scope["headers"] if name == HEADER.encode("ascii")]
    if not said or said == [b""]:
        return ""
    text = said[0].decode("latin-1")
    if (
        len(said) > 1
        or len(text) > KEY_CHARACTERS_MAX
        or not (text.isascii() and text.isprintable())
    ):
        raise ProblemError(_NO_KEY)
    route = scope["state"].get("route")
    if route is None or route.name in QUESTIONS | BY_THEMSELVES or is_rehearsal(scope):
        return ""
    return text


def _digest(scope: Scope, message: Message) -> str:
    """What tells this request from any other: its method, path, query and body."""
    head = (scope["method"].encode("ascii"), scope["path"].encode("utf-8", "surrogatepass"))
    told = hashlib.sha256()
    for part in (*head, scope["query_string"], message.get("body", b"")):
        told.update(len(part).to_bytes(8, "big") + part)
    return told.hexdigest()


def _kept(begun: RequestAnswer, answer: Captured, *, secret: bool) -> RequestAnswer:
    locations = [value for name, value in answer.headers if name == b"location"]
    body = b"" if secret or len(answer.body) > BODY_BYTES_MAX else answer.body
    return replace(
        begun,
        status=answer.status,
        body=body.decode("utf-8"),
        location=locations[0].decode("latin-1") if locations else "",
    )


def _written(before: RequestAnswer | None, after: RequestAnswer | None) -> Changes:
    return Changes(writes=(Write(before=before, after=after),))


def _under_way() -> ProblemError:
    return ProblemError(_IN_FLIGHT, {"Retry-After": "1"})


def _problem(kind: str, title: str, detail: str, hint: str, status: int = 409) -> Problem:
    return Problem(kind=kind, title=title, status=status, detail=detail, hint=hint)


_OTHER: Final = _problem(
    "key-used",
    "Another request",
    "this idempotency key was used for another request",
    "send a key of its own with each request",
    422,
)
_NO_KEY: Final = _problem(
    "invalid",
    "Invalid request",
    f"an idempotency key is said once, in at most {KEY_CHARACTERS_MAX} visible ASCII characters",
    "a fresh uuid is a good key",
    422,
)
_IN_FLIGHT: Final = _problem(
    "in-flight",
    "Under way",
    "the request that bore this idempotency key first is not answered yet",
    "ask again in a moment, with the same key",
)
_UNKNOWN: Final = _problem(
    "outcome-unknown",
    "Outcome unknown",
    "a request with this idempotency key was begun, and the server ended before it was answered",
    "look whether it was done; if it was not, ask with another key",
)
_NOT_KEPT: Final = _problem(
    "answer-not-kept",
    "Done before",
    "the request that bore this idempotency key first was done; its answer was not kept, since it"
    " holds a secret or is long",
    "look at what it made; for another one send another key",
)
_DESCRIBED: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": KEY_CHARACTERS_MAX},
    "description": "the same key with the same request again gives the same answer, for a day",
}
