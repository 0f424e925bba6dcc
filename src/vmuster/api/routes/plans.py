"""Routes of plans: those that are held, and what the next pass would do."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, ServiceOf
from vmuster.api.inputs.bodies import WhatIf
from vmuster.api.outputs.answers import answer, answer_list
from vmuster.api.outputs.paging import Count, Paged, answer_sorted
from vmuster.api.outputs.schemas import gives, gives_list, gives_page
from vmuster.model.automation import HeldPlan
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Host
from vmuster.model.ids import PlanId
from vmuster.model.policy import Policy
from vmuster.model.policy_change import changed_policy
from vmuster.model.text import bounded, visible
from vmuster.server.answers.preview import Preview, preview
from vmuster.server.references import cluster_called, host_called, uuid_in
from vmuster.server.service import Service

router: Final = APIRouter(tags=["plans"])


async def _plan(
    id_: Annotated[
        str, Path(alias="id", description="a uuid, as it was read: a plan that grew has another")
    ],
) -> PlanId:
    uuid = uuid_in(id_)
    if uuid is None:
        raise NotFound(f"there is no plan {visible(bounded(id_))}", hint="vmuster plan list")
    return PlanId(uuid)


Plan = Annotated[PlanId, Depends(_plan)]
_HOSTS_MAX: Final = 500
"""Hosts in one preview: each is a whole pass."""


@router.get("/plans", responses=gives_page(HeldPlan))
async def list_plans(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """Every held plan, and what people have said to it; oldest first."""
    plans = await service.holds.list_()
    return answer_sorted(
        plans, page, lambda plan: (plan.held_at, plan.host), tuple[float, str], count=count
    )


@router.get("/plans/{id}", responses=gives(HeldPlan))
async def show_plan(id_: Plan, service: ServiceOf) -> Response:
    """A held plan: what would be done, and why it is held."""
    return answer(await service.holds.called(id_))


@router.post("/plans/{id}/approve", responses=gives(HeldPlan))
async def approve_plan(id_: Plan, service: ServiceOf, actor: Actor) -> Response:
    """Let a held plan pass: its acts are decided and proved again, and no budget stops them."""
    return answer(await service.holds.approve(id_, actor=actor))


@router.post("/plans/{id}/reject", responses=gives(HeldPlan))
async def reject_plan(id_: Plan, service: ServiceOf, actor: Actor) -> Response:
    """Have a held plan not done, as long as the same is proposed."""
    return answer(await service.holds.reject(id_, actor=actor))


@router.post("/preview", responses=gives_list(Preview))
async def preview_passes(body: WhatIf, service: ServiceOf) -> Response:
    """What the next pass over each host would do, now or if something were otherwise. Nothing is
    written, and nothing is done."""
    settings: dict[str, object] = {**body.settings}
    if settings:
        changed_policy(Policy(), settings)
    return answer_list(
        [
            await preview(service.context, host, settings=settings, mode=body.mode)
            for host in await _meant(service, body)
        ]
    )


async def _meant(service: Service, body: WhatIf) -> Sequence[Host]:
    if body.host:
        return [await host_called(service.store, body.host)]
    chosen: dict[str, Any] = {}
    if body.cluster:
        chosen["cluster"] = (await cluster_called(service.store, body.cluster)).name
    hosts = await service.store.find(Host, limit=_HOSTS_MAX + 1, readable=True, **chosen)
    if len(hosts) > _HOSTS_MAX:
        raise Refused(
            f"these are more than {_HOSTS_MAX} hosts", hint="ask about one cluster, or one host"
        )
    return sorted(hosts, key=lambda host: host.name)
