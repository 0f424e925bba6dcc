"""Route of the fleet's state: what an operator looks at first."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.server.answers.status import FleetStatus, status

router: Final = APIRouter(prefix="/status", tags=["fleet"])


@router.get("", responses=gives(FleetStatus))
async def show_status(service: ServiceOf) -> Response:
    """Whether vmuster acts by itself, and why not; hosts by health, VMs by standing, held plans."""
    return answer(await status(service.context))
