"""A wall clock that jumped: the quiet time begins anew, and so do the moments that were set by it.

Reports and orders go by numbers and by monotonic clocks, and notice nothing. What has a moment of
the wall clock is the deadline of an operation and the end of an approval. Nobody can tell which of
them were set before the jump and which after it, or whether the clock was right before. So nothing
is moved by what the clock was wrong: every open operation has its whole time again, and every
approval is over, for a person to give again.
"""

from typing import Final

import msgspec
import structlog

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.server.context import Context
from vmuster.server.figures.catalogue import JUMPS
from vmuster.server.paging import find_all
from vmuster.server.requests.closing import open_operations

_log = structlog.get_logger("vmuster.jumps")
JUMPED: Final = "the clock of the server jumped by "
"""How the alert of a jump begins."""
_TRIES_MAX: Final = 5
_ALERTS_MAX: Final = 200
"""Alerts among which a start looks for a jump: more within a window would be a storm of them."""


async def heed_jump(context: Context) -> None:
    """Do what a jump since the last call asks for; nothing where there was none.

    Who comes while another one heeds it waits, so that nobody judges by the old deadlines. What
    could not be written is done by the next call: to do it twice harms nobody.
    """
    async with context.quiet.heeding:
        await _heed(context)


async def recall_jump(context: Context) -> None:
    """Keep quiet for what is left of the window after a jump that another life of this server
    heeded: its acts of before the jump are not in the window that the clock shows now.
    """
    now = context.clock.now()
    alerts = await context.store.find(
        JournalEntry, kind=EntryKind.ALERT, newest_first=True, limit=_ALERTS_MAX, readable=True
    )
    jumps = [entry.at for entry in alerts if entry.what.startswith(JUMPED)]
    if jumps:
        context.quiet.keep(min(WINDOW_SECONDS, jumps[0] + WINDOW_SECONDS - now))


async def _heed(context: Context) -> None:
    moved = context.quiet.jump()
    if not moved:
        return
    _log.warning("the clock jumped", seconds=round(moved, 3))
    try:
        await _begin_anew(context)
        await context.store.commit((Changes(entries=(_said(moved, context.clock.now()),)),))
    except Exception:
        context.quiet.jumped(moved)
        raise
    context.figures.add(JUMPS)


def _said(moved: float, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.ALERT,
        actor=AUTOMATIC,
        what=f"{JUMPED}{moved:+.0f} s: the quiet time begins anew, open"
        " operations have their whole time again, and approvals are over",
        evidence={"seconds": moved},
    )


async def _begin_anew(context: Context) -> None:
    """What somebody wrote in between is read and written again, and only that."""
    refused: list[str] = []
    now = context.clock.now()
    for _ in range(_TRIES_MAX):
        writes = [*await _operations(context, now), *await _approvals(context, now)]
        refused = await context.store.commit([Changes(writes=(write,)) for write in writes])
        if not any(refused):
            return
    raise Unavailable(f"not written after a jump of the clock: {next(filter(None, refused))}")


async def _operations(context: Context, now: float) -> list[Write]:
    store = context.store
    clusters = {each.name: each.policy for each in await find_all(store, Cluster, readable=True)}
    policies = {
        host.id: clusters[host.cluster]
        for host in await find_all(store, Host, readable=True)
        if host.cluster in clusters
    }
    return [
        Write(before=operation, after=msgspec.structs.replace(operation, deadline_at=deadline))
        for operation in await open_operations(store, readable=True)
        if (policy := policies.get(operation.host)) is not None
        and operation.deadline_at
        != (deadline := now + policy.patience(operation.kind, force=operation.force))
    ]


async def _approvals(context: Context, now: float) -> list[Write]:
    return [
        Write(before=held, after=msgspec.structs.replace(held, expires_at=now))
        for held in await find_all(context.store, HeldPlan, state=HoldState.APPROVED, readable=True)
        if held.expires_at != now
    ]
