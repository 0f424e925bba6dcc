"""Routes of clusters and their policies."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, Reference, ServiceOf
from vmuster.api.inputs.bodies import NewCluster, PolicySettings
from vmuster.api.inputs.tags import IfMatch, answer_tagged
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.model.host import Cluster
from vmuster.server.references import cluster_called

router: Final = APIRouter(prefix="/clusters", tags=["clusters"])


@router.get("", responses=gives_page(Cluster))
async def list_clusters(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """Every cluster, by name."""
    return await answer_rows(service.store, Cluster, page, count=count)


@router.post("", status_code=201, responses=gives(Cluster, 201))
async def add_cluster(body: NewCluster, service: ServiceOf, actor: Actor) -> Response:
    """Add a cluster, with the default policy, which harms nothing."""
    cluster = await service.estate.add_cluster(body.name, actor=actor)
    return answer_tagged(
        cluster, status=201, headers={"Location": f"/api/v1/clusters/{cluster.name}"}
    )


@router.get("/{ref}", responses=gives(Cluster))
async def show_cluster(ref: Reference, service: ServiceOf) -> Response:
    """A cluster and its policy."""
    return answer_tagged(await cluster_called(service.store, ref))


@router.patch("/{ref}/policy", responses=gives(Cluster))
async def change_policy(
    ref: Reference,
    body: PolicySettings,
    service: ServiceOf,
    actor: Actor,
    expected: IfMatch,
) -> Response:
    """Change some settings of a policy: all of them or none."""
    cluster = await cluster_called(service.store, ref)
    settings: dict[str, object] = {**body}
    return answer_tagged(
        await service.estate.set_policy(cluster, settings, actor=actor, expected=expected)
    )
