"""Route of the journal."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from vmuster.api.answers import answer_list
from vmuster.api.asking import Limit, ServiceOf
from vmuster.api.remembering import vm_remembered
from vmuster.api.schemas import gives_list
from vmuster.model.journal import JournalEntry
from vmuster.server.answers.views import journal
from vmuster.server.references import host_called

router: Final = APIRouter(prefix="/journal", tags=["journal"])


@router.get("", responses=gives_list(JournalEntry))
async def read_journal(
    service: ServiceOf,
    limit: Limit = 100,
    vm: Annotated[str, Query(description="only of this VM, known or remembered")] = "",
    host: Annotated[str, Query(description="only of this host")] = "",
) -> Response:
    """The newest entries, newest first: what was decided, asked, sent and answered."""
    store = service.store
    entries = await journal(
        store,
        limit=limit,
        vm=await vm_remembered(store, vm) if vm else None,
        host=(await host_called(store, host)).id if host else None,
    )
    return answer_list(entries)
