"""Routes of operations: what was asked for, and what became of it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf, Wait
from vmuster.api.inputs.remembering import OnlyHost, OnlyVm
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.paging import Count, Paged, answer_rows
from vmuster.api.outputs.schemas import gives, gives_page
from vmuster.api.outputs.waiting import settled
from vmuster.model.errors import NotFound
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState
from vmuster.ports.store import Store

router: Final = APIRouter(prefix="/operations", tags=["operations"])


@router.get("", responses=gives_page(Operation))
async def list_operations(
    service: ServiceOf,
    page: Paged,
    vm: OnlyVm,
    host: OnlyHost,
    state: Annotated[OperationState | None, Query(description="only in this state")] = None,
    kind: Annotated[OperationKind | None, Query(description="only of this kind")] = None,
    actor: Annotated[str, Query(description="only asked for by this key")] = "",
    count: Count = False,
) -> Response:
    """Operations, newest first."""
    return await answer_rows(
        service.store,
        Operation,
        page,
        newest_first=True,
        count=count,
        state=state,
        kind=kind,
        vm=vm,
        host=host,
        actor=actor,
    )


@router.get("/{id}", responses=gives(Operation))
async def show_operation(
    id_: Annotated[UUID, Path(alias="id")], service: ServiceOf, wait: Wait = 0
) -> Response:
    """An operation. `wait`: until it is done or has failed."""
    operation = await settled(
        service.context.clock,
        lambda: _operation(service.store, id_),
        lambda operation: service.stopping or not operation.open,
        wait,
    )
    return answer(operation)


async def _operation(store: Store, wanted: UUID) -> Operation:
    found = await store.get(Operation, wanted)
    if found is None:
        raise NotFound(f"there is no operation {wanted}", hint="vmuster operation list")
    return found
