"""Route of the doctor: what is wrong with this installation, and how to mend it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.server.checkup.doctor import Examination

router: Final = APIRouter(prefix="/doctor", tags=["fleet"])


@router.get("", responses=gives(Examination))
async def show_doctor(
    service: ServiceOf,
    deep: Annotated[
        bool, Query(description="read every row, and verify the journal; it may take minutes")
    ] = False,
) -> Response:
    """Every check of machine, state folder, database, keys, hosts and VMs, with its verdict."""
    return answer(await service.doctor.examine(deep=deep))
