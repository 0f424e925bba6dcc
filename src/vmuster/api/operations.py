"""Routes of operations: what was asked for, and what became of it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from vmuster.api.answers import answer, answer_list
from vmuster.api.asking import Limit, ServiceOf, Wait
from vmuster.api.schemas import gives, gives_list
from vmuster.api.waiting import settled
from vmuster.model.errors import NotFound
from vmuster.model.operations import Operation
from vmuster.ports.store import Store

router: Final = APIRouter(prefix="/operations", tags=["operations"])


@router.get("", responses=gives_list(Operation))
async def list_operations(service: ServiceOf, limit: Limit = 100) -> Response:
    """The newest operations, newest first."""
    return answer_list(
        await service.store.find(Operation, limit=limit, newest_first=True, readable=True)
    )


@router.get("/{id}", responses=gives(Operation))
async def show_operation(
    id_: Annotated[UUID, Path(alias="id")], service: ServiceOf, wait: Wait = 0
) -> Response:
    """An operation. `wait`: until it is done or has failed."""
    operation = await settled(
        service.context.clock,
        lambda: _operation(service.store, id_),
        lambda operation: not operation.open,
        wait,
    )
    return answer(operation)


async def _operation(store: Store, wanted: UUID) -> Operation:
    found = await store.get(Operation, wanted)
    if found is None:
        raise NotFound(f"there is no operation {wanted}", hint="vmuster operation list")
    return found
