"""A wall clock that jumped: the quiet time begins anew, and deadlines move with the clock.

Reports and orders go by numbers and by monotonic clocks, and notice nothing. What has a moment of
the wall clock is the deadline of an operation: an operation is to end neither at once nor
tomorrow because somebody set the time.
"""

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.server.closing import open_operations
from vmuster.server.context import Context

_log = structlog.get_logger("vmuster.jumps")


async def heed_jump(context: Context) -> None:
    """Do what a jump since the last call asks for; nothing where there was none."""
    moved = context.quiet.jump()
    if not moved:
        return
    _log.warning("the clock jumped", seconds=round(moved, 3))
    try:
        await _move(context, moved)
    except Unavailable:
        context.quiet.jumped(moved)
        raise


async def _move(context: Context, moved: float) -> None:
    """Say it once, and move the deadlines; whoever wrote an operation in between is asked again."""
    entry = JournalEntry(
        at=context.clock.now(),
        kind=EntryKind.ALERT,
        actor=AUTOMATIC,
        what=f"the clock of the server jumped by {moved:+.0f} s: the quiet time begins anew, and"
        " the deadlines of open operations moved with it",
        evidence={"seconds": moved},
    )
    operations = await open_operations(context.store)
    changes = [_moved(operation, moved) for operation in operations]
    refused = await context.store.commit((Changes(entries=(entry,)), *changes))
    stale = [one for one, why in zip(operations, refused[1:], strict=True) if why]
    while stale:
        fresh = [await context.store.get(Operation, one.id) for one in stale]
        stale = [one for one in fresh if one is not None and one.open]
        refused = await context.store.commit([_moved(one, moved) for one in stale])
        stale = [one for one, why in zip(stale, refused, strict=True) if why]


def _moved(operation: Operation, seconds: float) -> Changes:
    later = msgspec.structs.replace(operation, deadline_at=operation.deadline_at + seconds)
    return Changes(writes=(Write(before=operation, after=later),))
