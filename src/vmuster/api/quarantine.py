"""Routes of the quarantine: why the database is thought older than its hosts; the way out."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.answers import answer
from vmuster.api.asking import Actor, ServiceOf
from vmuster.api.schemas import gives
from vmuster.server.quarantine import QuarantineView, leave, view

router: Final = APIRouter(prefix="/quarantine", tags=["fleet"])


@router.get("", responses=gives(QuarantineView))
async def show_quarantine(service: ServiceOf) -> Response:
    """What was seen that is newer than the database, and what leaving it would close."""
    return answer(await view(service.context))


@router.post("/leave", responses=gives(QuarantineView))
async def leave_quarantine(service: ServiceOf, actor: Actor) -> Response:
    """Close what the old database still wanted; automation stays disarmed until it is armed."""
    await leave(service.context, service.switchboard, actor=actor)
    return answer(await view(service.context))
