"""Routes of credentials: given once, never given back."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Body
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, Reference, ServiceOf
from vmuster.api.inputs.bodies import SshSecret, TlsSecret
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.model.errors import NotFound
from vmuster.model.keys import Credential, CredentialKind
from vmuster.model.text import bounded, visible

router: Final = APIRouter(prefix="/credentials", tags=["hosts"])


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a credential. `public`: fingerprints, by which it can be told."""

    name: str
    kind: CredentialKind
    public: str
    created_at: float


@router.get("", responses=gives_page(CredentialView))
async def list_credentials(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """Every credential, without its secret; by name."""
    return await answer_rows(service.store, Credential, page, form=_view, count=count)


@router.get("/{ref}", responses=gives(CredentialView))
async def show_credential(ref: Reference, service: ServiceOf) -> Response:
    """One credential, without its secret."""
    found = await service.store.get(Credential, ref)
    if found is None:
        raise NotFound(
            f"there is no credential {visible(bounded(ref, 80))}", hint="vmuster credential list"
        )
    return answer(_view(found))


@router.put("/{ref}", responses=gives(CredentialView))
async def put_credential(
    ref: Reference,
    body: Annotated[SshSecret | TlsSecret, Body(discriminator="kind")],
    service: ServiceOf,
    actor: Actor,
) -> Response:
    """Store a credential, or replace it. It is kept encrypted, and shown by no answer."""
    return answer(
        _view(
            await service.credentials.put(
                ref, CredentialKind(body.kind), body.secret(), actor=actor
            )
        )
    )


@router.delete("/{ref}", responses=gives(CredentialView))
async def remove_credential(ref: Reference, service: ServiceOf, actor: Actor) -> Response:
    """Remove a credential that no host uses; gives what was shown of it."""
    shown = await show_credential(ref, service)
    await service.credentials.remove(ref, actor=actor)
    return shown


def _view(credential: Credential) -> CredentialView:
    return CredentialView(
        name=credential.name,
        kind=credential.kind,
        public=credential.public,
        created_at=credential.created_at,
    )
