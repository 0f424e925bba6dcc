"""Route of the journal."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.inputs.cursors import Number
from vmuster.api.inputs.remembering import OnlyHost, OnlyVm
from vmuster.api.outputs.paging import Paged, last_of
from vmuster.api.outputs.schemas import gives_page
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.answers.views import journal

router: Final = APIRouter(prefix="/journal", tags=["journal"])
_HALF_MICROSECOND: Final = 5e-7


@router.get("", responses=gives_page(JournalEntry))
async def read_journal(
    service: ServiceOf,
    page: Paged,
    vm: OnlyVm,
    host: OnlyHost,
    kind: Annotated[list[EntryKind], Query(description="only of this kind, or of these")] = [],  # noqa: B006
    actor: Annotated[str, Query(description="only what this key asked for")] = "",
    since: Annotated[
        AwareDatetime | None, Query(description="back to this time: what is older is left out")
    ] = None,
) -> Response:
    """Entries, newest first: what was decided, asked, sent and answered."""
    chosen = {"kind": frozenset(kind), "vm": vm, "host": host, "actor": actor}
    entries = await journal(
        service.store,
        limit=page.limit + 1,
        after=page.after(tuple[Number]),
        since=_seconds(since),
        **{field: value for field, value in chosen.items() if value},
    )
    return page.answer(entries[: page.limit], last_of(entries, page, lambda entry: (entry.id,)))


def _seconds(moment: datetime | None) -> float:
    """From when on an entry is said to be of `moment` or later: answers round to the microsecond,
    and who asks from an entry's own time on is shown that entry."""
    return 0.0 if moment is None else moment.timestamp() - _HALF_MICROSECOND
