"""Route of explanations: the story of anything that has an id, or of a VM by its name."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import Limit, Reference, ServiceOf
from vmuster.api.inputs.remembering import vm_remembered
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.model.errors import NotFound
from vmuster.server.answers.explaining import explained
from vmuster.server.answers.story import Story
from vmuster.server.answers.telling import told

router: Final = APIRouter(prefix="/explanations", tags=["explanations"])


@router.get("/{ref}", responses=gives(Story))
async def explain(ref: Reference, service: ServiceOf, limit: Limit = 200) -> Response:
    """Why: of a VM, an operation, a command, a held plan, or a journal entry by its number.

    An id may be its first 8 characters or more. `limit` of each kind of history, newest first.
    """
    store, now = service.store, service.context.clock.now()
    try:
        return answer(await told(store, now, ref, limit=limit))
    except NotFound as unknown:
        try:
            vm = await vm_remembered(store, ref)
        except NotFound:
            raise unknown from None
        return answer((await explained(store, now, vm, limit=limit)).story)
