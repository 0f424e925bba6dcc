"""Routes of the recording: passes that are kept for a replay."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Path
from pydantic import Field
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, ServiceOf
from vmuster.api.inputs.bodies import NewRecording
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.server.passes.recording import Recording

router: Final = APIRouter(prefix="/recording", tags=["recording"])
_AS_USUAL: Final = NewRecording()
_TYPE: Final = "application/octet-stream"
_BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "lines of JSON, compressed (gzip); the last one may be torn",
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("", responses=gives(Recording))
async def show_recording(service: ServiceOf) -> Response:
    """The recording as it stands; never started where there is none."""
    return answer(service.recordings.show())


@router.post("/start", responses=gives(Recording))
async def start_recording(
    service: ServiceOf, actor: Actor, body: Annotated[NewRecording, Body()] = _AS_USUAL
) -> Response:
    """Keep every pass from now on, with what it went by; the recording before is dropped."""
    recording = await service.recordings.start(hours=body.hours, mib=body.max_mib, actor=actor)
    return answer(recording)


@router.post("/stop", responses=gives(Recording))
async def stop_recording(service: ServiceOf, actor: Actor) -> Response:
    """Keep no more passes; what was recorded stays."""
    return answer(await service.recordings.stop(actor=actor))


@router.delete("", responses=gives(Recording))
async def drop_recording(service: ServiceOf, actor: Actor) -> Response:
    """Drop all that was recorded; a recording that runs is over."""
    return answer(await service.recordings.drop(actor=actor))


@router.get("/segments/{number}", responses=_BYTES)
async def fetch_recording(
    number: Annotated[
        int, Path(description="of a segment, as the recording lists them"), Field(ge=0, le=10**9)
    ],
    service: ServiceOf,
) -> Response:
    """A part of the recording."""
    return Response(await service.recordings.segment(number), media_type=_TYPE)
