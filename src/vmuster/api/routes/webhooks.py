"""Routes of webhooks: who is told of what. No answer holds a url's path, or a secret twice."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, Reference, ServiceOf
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.model.journal import EntryKind
from vmuster.model.webhooks import Webhook
from vmuster.server.requests.webhooks import SECRET_CHARACTERS, shown

router: Final = APIRouter(prefix="/webhooks", tags=["webhooks"])


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a webhook. `url`: without its path, which may hold a secret. `delivered`:
    every entry of its kinds up to this id was delivered, or given up; `failures`: in a row."""

    name: str
    url: str
    kinds: tuple[EntryKind, ...]
    created_at: float
    delivered: int
    failures: int
    trouble: str
    tried_at: float | None


class FreshWebhook(WebhookView, frozen=True, kw_only=True):
    """A new webhook. `secret`: what signs its posts, where one was made for it; it is shown here
    and never again. Empty where one was given."""

    secret: str


class WebhookTest(msgspec.Struct, frozen=True, kw_only=True):
    """How a test went. `trouble`: why it was not taken in."""

    name: str
    taken_in: bool
    trouble: str


class NewWebhook(BaseModel):
    """A webhook to add. `secret`: what signs its posts; one is made where none is given."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(max_length=256)]
    url: Annotated[str, Field(max_length=4096)]
    kinds: Annotated[
        list[Annotated[EntryKind, Field(strict=False)]],
        Field(min_length=1, max_length=len(EntryKind)),
    ] = [EntryKind.ALERT]
    secret: Annotated[SecretStr, Field(max_length=SECRET_CHARACTERS[1])] | None = None


@router.get("", responses=gives_page(WebhookView))
async def list_webhooks(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """Every webhook, and how its deliveries go; by name."""
    return await answer_rows(service.store, Webhook, page, form=_view, count=count)


@router.get("/{ref}", responses=gives(WebhookView))
async def show_webhook(ref: Reference, service: ServiceOf) -> Response:
    """One webhook, and how its deliveries go."""
    return answer(_view(await service.webhooks.called(ref)))


@router.post("", status_code=201, responses=gives(FreshWebhook, 201))
async def add_webhook(body: NewWebhook, service: ServiceOf, actor: Actor) -> Response:
    """Have what is written from now on posted to a url, signed."""
    secret = body.secret.get_secret_value() if body.secret is not None else ""
    webhook, made = await service.webhooks.add(
        body.name, body.url, body.kinds, secret=secret, actor=actor
    )
    view = msgspec.structs.asdict(_view(webhook))
    return answer(FreshWebhook(**view, secret=made), status=201)


@router.post("/{ref}/test", responses=gives(WebhookTest))
async def test_webhook(ref: Reference, service: ServiceOf, actor: Actor) -> Response:
    """Post a test, now. What waits for a receiver that took it in is tried again at once."""
    trouble = await service.webhooks.test(ref, actor=actor)
    return answer(WebhookTest(name=ref, taken_in=not trouble, trouble=trouble))


@router.delete("/{ref}", responses=gives(WebhookView))
async def remove_webhook(ref: Reference, service: ServiceOf, actor: Actor) -> Response:
    """Tell this one no more; gives what it was."""
    return answer(_view(await service.webhooks.remove(ref, actor=actor)))


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView(
        name=webhook.name,
        url=shown(webhook.url),
        kinds=webhook.kinds,
        created_at=webhook.created_at,
        delivered=webhook.delivered,
        failures=webhook.failures,
        trouble=webhook.trouble,
        tried_at=webhook.tried_at,
    )
