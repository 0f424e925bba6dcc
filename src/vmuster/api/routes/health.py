"""Whether the server lives, and whether it can work. No key is needed, and nothing is told."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from vmuster.api.gates.peers import is_near
from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.outputs.schemas import PROBLEMS
from vmuster.model.errors import Unavailable, VmusterError
from vmuster.model.host import Fleet
from vmuster.server.service import Service

PATHS: Final = ("/livez", "/healthz", "/readyz")
DATABASE_SECONDS: Final = 5.0
"""A database that takes longer to say who we are is of no use to anybody."""
router: Final = APIRouter(
    tags=["health"],
    default_response_class=PlainTextResponse,
    responses={status: PROBLEMS[status] for status in (414, 431, 500, 503)},
)


@router.get("/livez")
async def livez() -> Response:
    """The process answers; the database is not asked."""
    return PlainTextResponse("ok")


@router.get("/healthz")
async def healthz() -> Response:
    """As `/livez`, under the name that many look for."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(
    request: Request,
    service: ServiceOf,
    verbose: Annotated[str | None, Query(description="say each part; on this machine only")] = None,
) -> Response:
    """It takes requests, the database answers, and the fleet is founded; 503 otherwise."""
    parts = {"requests": _taking(service), "database": await _database(service)}
    wrong = [f"{part}: {what}" for part, what in parts.items() if what]
    if verbose is not None and is_near(request.scope):
        lines = [f"[{'-' if what else '+'}] {part} {what or 'ok'}" for part, what in parts.items()]
        return PlainTextResponse("\n".join([*lines, ""]), status_code=503 if wrong else 200)
    if wrong:
        raise Unavailable("; ".join(wrong))
    return PlainTextResponse("ok")


def _taking(service: Service) -> str:
    """Why no requests are taken; empty where they are."""
    return "the server is about to stop" if service.stopping else ""


async def _database(service: Service) -> str:
    """What is wrong with the database, in words that say nothing of the fleet."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            fleet = await service.store.get(Fleet)
    except TimeoutError:
        return "it does not answer in time"
    except VmusterError:
        return "it does not answer"
    return "" if fleet is not None else "the fleet is not founded yet"
