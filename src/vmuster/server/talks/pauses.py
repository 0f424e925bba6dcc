"""How long it takes until an automatic stop that failed is tried again: longer each time.

What fails for a reason that stays (a transient VM can't be saved) would else be tried for ever at
the same pace, and each try may stall its guest. So the operation stays open as the pause, and each
is twice as long as the one before it. A person is told once, by the first of a row. The row ends
with whatever else happens to the VM: a stop that is done, an act of another kind, a person's
request, or so long a time that nobody remembers. Starts have a pace of their own, which their
record keeps (`reconcile/restarts.py`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import CommandResult
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, PAUSE_SECONDS_MAX, PAUSES, Operation
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.model.text import counted, visible
from vmuster.server.context import Context
from vmuster.server.references import cluster_now

FAILED_PAUSE: Final = "failed-pause"
"""The rule of the alert."""
_ROW_MAX: Final = 16
"""So many doublings make an hour of the shortest patience that a policy can have."""


async def pause(context: Context, operation: Operation, result: CommandResult) -> Changes | None:
    """What is written where the failure of `operation` is followed by a pause of this kind.

    None where it is not: it was refused, its outcome is not known, or its time was over before.
    """
    now = context.clock.now()
    failed = result.outcome is CommandOutcome.FAILED and not result.unknown
    if operation.kind is not OperationKind.STOP or not failed or now >= operation.deadline_at:
        return None
    host = await context.store.get(Host, operation.host)
    if host is None:
        return None
    policy = (await cluster_now(context.store, host.cluster)).policy
    before = await _failed_before(context, operation)
    seconds = min(policy.patience(operation.kind) * 2.0**before, PAUSE_SECONDS_MAX)
    said = f"{result.outcome}: {result.message}{PAUSES}{_long(seconds)}"
    after = msgspec.structs.replace(operation, message=said, deadline_at=now + seconds)
    entries = () if before else (_alert(after, now),)
    return Changes(writes=(Write(before=operation, after=after),), entries=entries)


async def _failed_before(context: Context, operation: Operation) -> int:
    """How many pauses of the same kind were in a row before `operation`."""
    latest = await context.store.find(
        Operation, vm=operation.vm, newest_first=True, limit=_ROW_MAX + 1, readable=True
    )
    return _in_a_row(operation, [each for each in latest if each.id != operation.id])


def _in_a_row(operation: Operation, earlier: Sequence[Operation]) -> int:
    """`earlier`: of the same VM, newest first."""
    number, later = 0, operation
    for each in earlier:
        ended = each.finished_at if each.finished_at is not None else later.created_at
        forgotten = later.created_at - ended > PAUSE_SECONDS_MAX
        another = each.kind is not operation.kind or each.state is not OperationState.FAILED
        if forgotten or another or not each.pauses:
            break
        number, later = number + 1, each
    return number


def _long(seconds: float) -> str:
    return counted(max(1, round(seconds / 60)), "minute")


def _alert(operation: Operation, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.ALERT,
        actor=AUTOMATIC,
        what=f"{operation.kind} of {visible(operation.name)} {operation.message}, and later each"
        " time that it fails again",
        rule=FAILED_PAUSE,
        host=operation.host,
        vm=operation.vm,
        name=operation.name,
        operation=operation.id,
        command=operation.command,
    )
