"""Whether the server lives, and whether it can work. No key is needed, and nothing is told."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from vmuster.api.asking import ServiceOf
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet

PATHS: Final = ("/healthz", "/readyz")
router: Final = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers; the database is not asked."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(service: ServiceOf) -> Response:
    """The database answers, and the fleet is founded; 503 otherwise."""
    if await service.store.get(Fleet) is None:
        raise Unavailable("the fleet is not founded yet")
    return PlainTextResponse("ok")
