"""Routes of hosts."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.answers import answer, answer_list
from vmuster.api.asking import Actor, Reference, ServiceOf, Wait
from vmuster.api.bodies import HostChange, NewHost
from vmuster.api.schemas import gives, gives_list
from vmuster.api.waiting import settled
from vmuster.model.host import Host
from vmuster.server.references import cluster_called, host_called

router: Final = APIRouter(prefix="/hosts", tags=["hosts"])
_HOSTS_MAX: Final = 100_000


@router.get("", responses=gives_list(Host))
async def list_hosts(service: ServiceOf) -> Response:
    """Every host, by name."""
    hosts = await service.store.find(Host, limit=_HOSTS_MAX)
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
    return answer(await service.estate.set_mode(host, body.mode, actor=actor))


def _name(host: Host) -> str:
    return host.name
