"""Routes of API keys: given once, never given back."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, Reference, ServiceOf
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.model.keys import ApiKey, Scope

router: Final = APIRouter(prefix="/api-keys", tags=["api-keys"])
_YEARS_MAX: Final = 10


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of an API key. `last_used_at`: to about ten minutes."""

    name: str
    scope: Scope
    created_at: float
    created_by: str
    expires_at: float | None
    expired: bool
    last_used_at: float | None


class FreshApiKey(ApiKeyView, frozen=True, kw_only=True):
    """A new API key. `key`: its text, which is shown here and never again."""

    key: str


class NewApiKey(BaseModel):
    """An API key to make. `lasts_seconds`: from now on; null is for ever."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(max_length=256)]
    scope: Annotated[Scope, Field(strict=False)] = Scope.READ
    lasts_seconds: Annotated[int, Field(ge=60, le=_YEARS_MAX * 366 * 86_400)] | None = None


async def _own_key(request: Request) -> ApiKey:
    return request.state.key


OwnKey = Annotated[ApiKey, Depends(_own_key)]
"""The key that the request bears."""


@router.get("", responses=gives_page(ApiKeyView))
async def list_api_keys(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """Every API key, without its text, by name; those that have expired are among them."""
    now, shown = service.context.clock.now(), service.api_keys.shown
    return await answer_rows(
        service.store, ApiKey, page, form=lambda key: _view(shown(key), now), count=count
    )


@router.get("/self", responses=gives(ApiKeyView))
async def show_self(service: ServiceOf, own: OwnKey) -> Response:
    """The key that this very request bears: what it is called, and what it may do."""
    return answer(_view(service.api_keys.shown(own), service.context.clock.now()))


@router.post("", status_code=201, responses=gives(FreshApiKey, 201))
async def create_api_key(body: NewApiKey, service: ServiceOf, own: OwnKey) -> Response:
    """Make a key for somebody. Its text is in this answer alone: it is kept nowhere."""
    made, text = await service.api_keys.create(
        body.name, body.scope, by=own, lasts_seconds=body.lasts_seconds
    )
    view = msgspec.structs.asdict(_view(made, service.context.clock.now()))
    return answer(FreshApiKey(**view, key=text), status=201)


@router.delete("/{ref}", responses=gives(ApiKeyView))
async def revoke_api_key(ref: Reference, service: ServiceOf, actor: Actor) -> Response:
    """Take a key away: it opens nothing from now on. The last one of scope admin that does not
    expire stays."""
    gone = await service.api_keys.revoke(ref, actor=actor)
    return answer(_view(gone, service.context.clock.now()))


def _view(key: ApiKey, now: float) -> ApiKeyView:
    return ApiKeyView(
        name=key.name,
        scope=key.scope,
        created_at=key.created_at,
        created_by=key.created_by,
        expires_at=key.expires_at,
        expired=key.expired(now),
        last_used_at=key.last_used_at,
    )
