"""Routes of hosts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from vmuster.api.answers import answer, answer_list
from vmuster.api.asking import Actor, Reference, ServiceOf, Wait
from vmuster.api.bodies import HostChange, HostIdentity, NewHost
from vmuster.api.schemas import gives, gives_list
from vmuster.api.waiting import settled
from vmuster.model.host import Host
from vmuster.model.ids import HostUuid
from vmuster.model.operations import Operation
from vmuster.server.references import cluster_called, host_called
from vmuster.server.requests.recognition import accept

router: Final = APIRouter(prefix="/hosts", tags=["hosts"])
_HOSTS_MAX: Final = 100_000


@router.get("", responses=gives_list(Host))
async def list_hosts(service: ServiceOf) -> Response:
    """Every host, by name."""
    hosts = await service.store.find(Host, limit=_HOSTS_MAX, readable=True)
    return answer_list(sorted(hosts, key=_name))


@router.post("", status_code=201, responses=gives(Host, 201))
async def add_host(body: NewHost, service: ServiceOf, actor: Actor) -> Response:
    """Add a host, in OBSERVE; the conversation with it begins at once."""
    cluster = await cluster_called(service.store, body.cluster)
    host = await service.add_host(
        name=body.name, profile=body.profile.profile(), cluster=cluster, actor=actor
    )
    return answer(host, status=201, headers={"Location": f"/api/v1/hosts/{host.id}"})


@router.get("/{ref}", responses=gives(Host))
async def show_host(ref: Reference, service: ServiceOf, wait: Wait = 0) -> Response:
    """A host. `wait`: until it has given its first whole account, or has said why it can't."""
    host = await settled(
        service.context.clock,
        lambda: host_called(service.store, ref),
        lambda host: host.last_complete_at is not None or bool(host.trouble),
        wait,
    )
    return answer(host)


@router.patch("/{ref}", responses=gives(Host))
async def change_host(
    ref: Reference, body: HostChange, service: ServiceOf, actor: Actor
) -> Response:
    """Set a host's mode: what may be done there."""
    host = await host_called(service.store, ref)
    return answer(await service.estate.set_mode(host, body.mode, shared=body.shared, actor=actor))


@router.post("/{ref}/accept", responses=gives(Host))
async def accept_host(
    ref: Reference, body: HostIdentity, service: ServiceOf, actor: Actor
) -> Response:
    """Accept a host under the uuid that it claims now, where that was refused."""
    host = await host_called(service.store, ref)
    return answer(
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
    forget: Annotated[
        bool, Query(description="drop the records of its VMs, where it is not heard of any more")
    ] = False,
    dead: Annotated[
        bool, Query(description="its machine is off for good: no VM of ours runs there any more")
    ] = False,
) -> Response:
    """Remove a host; it stays as it is. Gives the host as it was recorded."""
    host = await host_called(service.store, ref)
    await service.removal.remove(host, forget=forget, dead=dead, actor=actor)
    return answer(host)


def _name(host: Host) -> str:
    return host.name
