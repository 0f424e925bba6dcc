"""A wall clock that jumped: the quiet time begins anew, and so do the moments that were set by it.

Reports and orders go by numbers and by monotonic clocks, and notice nothing. What has a moment of
the wall clock is the deadline of an operation and the end of an approval. Nobody can tell which of
them were set before the jump and which after it, or whether the clock was right before. So nothing
is moved by what the clock was wrong: every open operation has its whole time again, and every
approval is over, for a person to give again.

Over a restart nobody compares the clocks. But what was decided in the future, or has more time left
than it ever has, got it from a clock that was ahead, and is set anew by a start.
"""

from typing import Final

import msgspec
import structlog

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, PAUSE_SECONDS_MAX, Operation
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
    """Do at a start what a jump in or after another life of this server asks for.

    Keep quiet for what is left of the window after one that was heeded: the acts of before it are
    not in the window that the clock shows now. What was set by a clock that was ahead holds no
    longer than it may.
    """
    await _begin_anew(context, ahead_only=True)
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
        await _begin_anew(context, ahead_only=False)
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


async def _begin_anew(context: Context, *, ahead_only: bool) -> None:
    """Set the moments anew. `ahead_only`: not what this clock, or one behind it, may have set.

    What somebody wrote in between is read and written again, and only that.
    """
    refused: list[str] = []
    now = context.clock.now()
    for _ in range(_TRIES_MAX):
        operations = await _operations(context, now, ahead_only=ahead_only)
        approvals = await _approvals(context, now, ahead_only=ahead_only)
        changes = [Changes(writes=(write,)) for write in (*operations, *approvals)]
        refused = await context.store.commit(changes) if changes else []
        if not any(refused):
            return
    raise Unavailable(f"not written after a jump of the clock: {next(filter(None, refused))}")


async def _operations(context: Context, now: float, *, ahead_only: bool) -> list[Write]:
    store = context.store
    found = await open_operations(store, readable=True)
    if not found:
        return []
    clusters = {each.name: each.policy for each in await find_all(store, Cluster, readable=True)}
    policies = {
        host.id: clusters[host.cluster]
        for host in await find_all(store, Host, readable=True)
        if host.cluster in clusters
    }
    return [
        Write(before=operation, after=msgspec.structs.replace(operation, deadline_at=deadline))
        for operation in found
        if (policy := policies.get(operation.host)) is not None
        and operation.deadline_at
        != (deadline := now + policy.patience(operation.kind, force=operation.force))
        and (operation.deadline_at > _latest(operation, deadline, now) or not ahead_only)
    ]


def _latest(operation: Operation, deadline: float, now: float) -> float:
    """When it ends at the latest, by a clock that is right; `deadline`: with its whole time."""
    return max(deadline, now + PAUSE_SECONDS_MAX) if operation.pauses else deadline


async def _approvals(context: Context, now: float, *, ahead_only: bool) -> list[Write]:
    """They are over by this clock and by the one that they were given by: it may come back."""
    return [
        Write(before=held, after=msgspec.structs.replace(held, expires_at=over))
        for held in await find_all(context.store, HeldPlan, state=HoldState.APPROVED, readable=True)
        if held.expires_at is not None
        and held.expires_at > (over := min(now, given := held.decided_at or now))
        and (given > now or not ahead_only)
    ]
