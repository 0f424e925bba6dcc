"""Routes of the quarantine: why the database is thought older than its hosts; the way out."""

from typing import Annotated, Final

from fastapi import APIRouter, Body
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, ServiceOf
from vmuster.api.inputs.bodies import Leaving
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.server.references import host_called
from vmuster.server.requests.quarantine import QuarantineView, leave, view

router: Final = APIRouter(prefix="/quarantine", tags=["fleet"])
_WITH_ALL: Final = Leaving()


@router.get("", responses=gives(QuarantineView))
async def show_quarantine(service: ServiceOf) -> Response:
    """What was seen that is newer than the database, and what leaving it would close."""
    return answer(await view(service.context))


@router.post("/leave", responses=gives(QuarantineView))
async def leave_quarantine(
    service: ServiceOf, actor: Actor, body: Annotated[Leaving, Body()] = _WITH_ALL
) -> Response:
    """Close what the old database still wanted; automation stays disarmed until it is armed."""
    without = {(await host_called(service.store, name)).id for name in body.without}
    await leave(service.context, service.switchboard, actor=actor, without=without)
    return answer(await view(service.context))
