"""What routes are given: the service, who asks, the thing that is meant, and how many answers."""

from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Query
from starlette.requests import Request
from starlette.types import Scope

from vmuster.server.service import Service

WAIT_SECONDS_MAX: Final = 60
_KEY_CHARACTERS_MAX: Final = 200


def service_of(scope: Scope) -> Service:
    """The service that a request is about: that of its rehearsal, where it is rehearsed."""
    return scope.get("state", {}).get("service") or scope["app"].state.service


async def _service(request: Request) -> Service:
    return service_of(request.scope)


async def _actor(request: Request) -> str:
    return request.state.actor


async def _reference(
    ref: Annotated[str, Path(description="a name or an id; everything in it may be %-encoded")],
) -> str:
    return unquote(ref)


ServiceOf = Annotated[Service, Depends(_service)]
Actor = Annotated[str, Depends(_actor)]
"""The name of the key that the request bears."""
Reference = Annotated[str, Depends(_reference)]
Limit = Annotated[int, Query(ge=1, le=1000, description="at most so many, the newest")]
Wait = Annotated[
    float, Query(ge=0, le=WAIT_SECONDS_MAX, description="seconds to wait for it to be settled")
]


async def _idempotency_key(
    actor: Actor,
    idempotency_key: Annotated[str, Header(max_length=_KEY_CHARACTERS_MAX)] = "",
) -> str:
    """Two actors' keys never clash: no header holds a line break."""
    return f"{actor}\n{idempotency_key}" if idempotency_key else ""


IdempotencyKey = Annotated[str, Depends(_idempotency_key)]
