"""Routes of VMs: what is there, why, and a person's requests."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Query
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, IdempotencyKey, Limit, Reference, ServiceOf
from vmuster.api.inputs.bodies import Adoption, Stop
from vmuster.api.inputs.remembering import vm_asked_for, vm_remembered
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.paging import Paged
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.model.errors import NotFound
from vmuster.model.ids import HostId
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, OperationKind, PowerState, Standing, VmPhase
from vmuster.ports.store import Place, VmQuery
from vmuster.server.answers import views
from vmuster.server.answers.explaining import VmExplanation, explained
from vmuster.server.answers.views import VmView
from vmuster.server.references import cluster_called, host_called, vm_called
from vmuster.server.requests.copies import forget_copy
from vmuster.server.service import Service

router: Final = APIRouter(prefix="/vms", tags=["vms"])
OnHost = Annotated[
    str, Query(alias="host", description="where it is, if several hosts have a VM of this name")
]
_AS_IT_IS: Final = Adoption()
_GENTLY: Final = Stop()


class VmDetail(VmView, frozen=True, kw_only=True):
    """One VM; `elsewhere`: the same uuid on other hosts."""

    elsewhere: tuple[VmView, ...] = ()


@router.get("", responses=gives_page(VmView))
async def list_vms(
    service: ServiceOf,
    page: Paged,
    host: Annotated[str, Query(description="only on this host")] = "",
    cluster: Annotated[str, Query(description="only on hosts of this cluster")] = "",
    standing: Annotated[Standing | None, Query(description="only of this standing")] = None,
    power: Annotated[PowerState | None, Query(description="only in this state")] = None,
    desired: Annotated[DesiredState | None, Query(description="only if asked to be so")] = None,
    phase: Annotated[VmPhase | None, Query(description="only in this phase")] = None,
    name: Annotated[str, Query(description="only with this name, here or on its host")] = "",
) -> Response:
    """Every VM that was seen, ours or not, and every record whose VM was not; by name."""
    store = service.store
    query = VmQuery(
        host=await _host(service, host),
        cluster=(await cluster_called(store, cluster)).name if cluster else None,
        name=name,
        standing=standing,
        power=power,
        desired=desired,
        phase=phase,
    )
    now = service.context.clock.now()
    return page.answer(
        *await views.vm_page(store, now, query, after=page.after(Place), limit=page.limit)
    )


@router.get("/{ref}", responses=gives(VmDetail))
async def show_vm(ref: Reference, service: ServiceOf, on: OnHost = "") -> Response:
    """One VM: at its home where it has one."""
    uuid = await vm_called(service.store, ref, await _host(service, on))
    now = service.context.clock.now()
    seen = await views.vms(service.store, now, VmQuery(uuid=uuid))
    if not seen:
        raise NotFound("it is on no host and in no live record", hint=f"vmuster vm explain {uuid}")
    first, *others = sorted(seen, key=lambda vm: vm.phase is None)
    fields = {field: getattr(first, field) for field in VmView.__struct_fields__}
    return answer(VmDetail(**fields, elsewhere=tuple(others)))


@router.get("/{ref}/explanation", responses=gives(VmExplanation))
async def explain_vm(
    ref: Reference, service: ServiceOf, limit: Limit = 200, on: OnHost = ""
) -> Response:
    """Why a VM is as it is, or why it is no more; `limit` of each kind of history, newest first."""
    uuid = await vm_remembered(service.store, ref, await _host(service, on))
    now = service.context.clock.now()
    return answer(await explained(service.store, now, uuid, limit=limit))


@router.post("/{ref}/adopt", status_code=202, responses=gives(Operation, 202))
async def adopt_vm(
    ref: Reference,
    service: ServiceOf,
    actor: Actor,
    key: IdempotencyKey,
    body: Annotated[Adoption, Body()] = _AS_IT_IS,
) -> Response:
    """Take a VM into our records and mark it; nothing else about it changes."""
    host = await _host(service, body.host)
    uuid = await vm_asked_for(service.store, ref, host, actor=actor, key=key)
    return _accepted(
        await service.requests.adopt(uuid, actor=actor, host=host, name=body.name, key=key)
    )


@router.post("/{ref}/release", status_code=202, responses=gives(Operation, 202))
async def release_vm(
    ref: Reference, service: ServiceOf, actor: Actor, key: IdempotencyKey, on: OnHost = ""
) -> Response:
    """Let a VM go, unharmed: our mark is taken out, its record dropped."""
    host = await _host(service, on)
    uuid = await vm_asked_for(service.store, ref, host, actor=actor, key=key)
    return _accepted(await service.requests.release(uuid, actor=actor, key=key))


@router.post("/{ref}/forget", status_code=202, responses=gives(Operation, 202))
async def forget_vm(
    ref: Reference,
    service: ServiceOf,
    actor: Actor,
    key: IdempotencyKey,
    on: OnHost = "",
    gone_from: Annotated[
        str, Query(alias="on", description="only its copy on this host: none is left there")
    ] = "",
) -> Response:
    """Drop the record of a VM that is not there with our mark; no VM changes. With `on` the
    record stays, and it is a person's word that no copy of the VM is left on that host."""
    host = await _host(service, on)
    uuid = await vm_asked_for(service.store, ref, host, actor=actor, key=key)
    if gone_from:
        lost = await host_called(service.store, gone_from)
        return _accepted(
            await forget_copy(
                service.context, service.switchboard, uuid, lost, actor=actor, key=key
            )
        )
    return _accepted(await service.requests.forget(uuid, actor=actor, key=key))


@router.post("/{ref}/start", status_code=202, responses=gives(Operation, 202))
async def start_vm(
    ref: Reference, service: ServiceOf, actor: Actor, key: IdempotencyKey, on: OnHost = ""
) -> Response:
    """Start a VM of ours."""
    host = await _host(service, on)
    uuid = await vm_asked_for(service.store, ref, host, actor=actor, key=key)
    return _accepted(await service.requests.power(OperationKind.START, uuid, actor=actor, key=key))


@router.post("/{ref}/stop", status_code=202, responses=gives(Operation, 202))
async def stop_vm(
    ref: Reference,
    service: ServiceOf,
    actor: Actor,
    key: IdempotencyKey,
    on: OnHost = "",
    body: Annotated[Stop, Body()] = _GENTLY,
) -> Response:
    """Stop a VM of ours: its guest is asked to, or (`force`) is not."""
    host = await _host(service, on)
    uuid = await vm_asked_for(service.store, ref, host, actor=actor, key=key)
    return _accepted(
        await service.requests.power(
            OperationKind.STOP, uuid, actor=actor, force=body.force, key=key
        )
    )


async def _host(service: Service, reference: str) -> HostId | None:
    return (await host_called(service.store, reference)).id if reference else None


def _accepted(operation: Operation) -> Response:
    """202: written down; what becomes of it is at `Location`."""
    location = f"/api/v1/operations/{operation.id}"
    return answer(operation, status=202, headers={"Location": location})
