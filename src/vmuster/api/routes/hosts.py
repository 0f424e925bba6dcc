"""Routes of hosts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from vmuster.api.gates.scopes import beyond
from vmuster.api.inputs.asking import Actor, Reference, ServiceOf, Wait
from vmuster.api.inputs.bodies import HostChange, HostIdentity, NewHost
from vmuster.api.inputs.tags import IfMatch, answer_tagged
from vmuster.api.outputs.answers import answer, answer_list
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.problems import ProblemError
from vmuster.api.outputs.schemas import gives, gives_list, gives_page
from vmuster.api.outputs.waiting import settled
from vmuster.api.routes.api_keys import OwnKey
from vmuster.model.host import Host
from vmuster.model.ids import HostUuid
from vmuster.model.keys import Scope
from vmuster.model.operations import Operation
from vmuster.model.states import HostHealth, HostMode
from vmuster.server.references import cluster_called, host_called
from vmuster.server.requests.recognition import accept

router: Final = APIRouter(prefix="/hosts", tags=["hosts"])


@router.get("", responses=gives_page(Host))
async def list_hosts(
    service: ServiceOf,
    page: Paged,
    cluster: Annotated[str, Query(description="only of this cluster")] = "",
    mode: Annotated[HostMode | None, Query(description="only in this mode")] = None,
    health: Annotated[HostHealth | None, Query(description="only of this health")] = None,
    name: Annotated[str, Query(description="only with this name")] = "",
    count: Count = False,
) -> Response:
    """Every host, by name."""
    store = service.store
    return await answer_rows(
        store,
        Host,
        page,
        count=count,
        cluster=(await cluster_called(store, cluster)).name if cluster else None,
        mode=mode,
        health=health,
        name=name,
    )


@router.post("", status_code=201, responses=gives(Host, 201))
async def add_host(body: NewHost, service: ServiceOf, actor: Actor) -> Response:
    """Add a host, in OBSERVE; the conversation with it begins at once."""
    cluster = await cluster_called(service.store, body.cluster)
    host = await service.add_host(
        name=body.name, profile=body.profile.profile(), cluster=cluster, actor=actor
    )
    return answer_tagged(host, status=201, headers={"Location": f"/api/v1/hosts/{host.id}"})


@router.get("/{ref}", responses=gives(Host))
async def show_host(ref: Reference, service: ServiceOf, wait: Wait = 0) -> Response:
    """A host. `wait`: until it has given its first whole account, or has said why it can't."""
    host = await settled(
        service.context.clock,
        lambda: host_called(service.store, ref),
        lambda host: service.stopping or host.last_complete_at is not None or bool(host.trouble),
        wait,
    )
    return answer_tagged(host)


@router.patch("/{ref}", responses=gives(Host))
async def change_host(
    ref: Reference,
    body: HostChange,
    service: ServiceOf,
    actor: Actor,
    key: OwnKey,
    expected: IfMatch,
) -> Response:
    """Set a host's mode: what may be done there; or, with a key of scope admin, its name and how it
    is reached. Who it is stays: another machine at a new address is refused."""
    if not (body.only_mode or key.scope.covers(Scope.ADMIN)):
        raise ProblemError(beyond(key, Scope.ADMIN))
    host = await host_called(service.store, ref)
    return answer_tagged(
        await service.estate.edit_host(host, body.edit(), actor=actor, expected=expected)
    )


@router.post("/{ref}/accept", responses=gives(Host))
async def accept_host(
    ref: Reference, body: HostIdentity, service: ServiceOf, actor: Actor
) -> Response:
    """Accept a host under the uuid that it claims now, where that was refused."""
    host = await host_called(service.store, ref)
    return answer_tagged(
        await accept(service.context, service.switchboard, host, HostUuid(body.uuid), actor=actor)
    )


@router.post("/{ref}/release", status_code=202, responses=gives_list(Operation, 202))
async def release_host(ref: Reference, service: ServiceOf, actor: Actor) -> Response:
    """Let every VM of ours on a host go, unharmed, so that the host can be removed."""
    host = await host_called(service.store, ref)
    return answer_list(await service.removal.release_all(host, actor=actor), status=202)


@router.delete("/{ref}", responses=gives(Host))
async def remove_host(
    ref: Reference,
    service: ServiceOf,
    actor: Actor,
    expected: IfMatch,
    forget: Annotated[
        bool, Query(description="drop the records of its VMs, where it is not heard of any more")
    ] = False,
    dead: Annotated[
        bool, Query(description="its machine is off for good: no VM of ours runs there any more")
    ] = False,
) -> Response:
    """Remove a host; it stays as it is. Gives the host as it was recorded."""
    host = await host_called(service.store, ref)
    await service.removal.remove(host, forget=forget, dead=dead, actor=actor, expected=expected)
    return answer(host)
