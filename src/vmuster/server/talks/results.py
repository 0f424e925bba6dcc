"""What became of a command. It is written down, and says nothing of its VM: the next look does.

An agent answers a command of an earlier connection too: with what its journal says came of it, or
with a refusal, where that knows of nothing. Then it is decided anew. No guest is asked to shut down
twice by that: its agent knows that it was asked for this request.
"""

from enum import Enum
from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import Command, CommandResult, MarkVm, OutboxCommand
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AGENT, Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import CommandOutcome, OperationState
from vmuster.model.vm import VmRecord
from vmuster.reconcile.overdue import unsettled
from vmuster.server.context import Context
from vmuster.server.talks.pauses import pause


class _Fate(Enum):
    """What an answer makes of a person's request."""

    WAIT = "the look that shows its end ends it"
    SETTLE = "the next look ends it, whatever that shows"
    ANEW = "the next look decides it anew, with new proof"
    END = "it failed, and its VM stands as it was last seen"


_DONE, _REFUSED, _FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED
_FATES: Final[dict[tuple[CommandOutcome, bool], tuple[_Fate, _Fate]]] = {
    (_DONE, False): (_Fate.SETTLE, _Fate.SETTLE),
    (_REFUSED, False): (_Fate.END, _Fate.ANEW),
    (_FAILED, False): (_Fate.END, _Fate.END),
    (_FAILED, True): (_Fate.ANEW, _Fate.ANEW),
}
"""By outcome and whether it is unknown: for a command of this connection, and of an earlier one."""
_MARK_FATES: Final[dict[tuple[CommandOutcome, bool], tuple[_Fate, _Fate]]] = {
    (_DONE, False): (_Fate.SETTLE, _Fate.SETTLE),
    (_REFUSED, False): (_Fate.SETTLE, _Fate.SETTLE),
    (_FAILED, False): (_Fate.SETTLE, _Fate.SETTLE),
    (_FAILED, True): (_Fate.WAIT, _Fate.WAIT),
}
"""The same for a mark: no look can order one anew, and a failed adoption has a record to restore,
which a look does."""


async def note_result(
    context: Context, result: CommandResult, *, withdrawn: bool = False
) -> LookWish | None:
    """Write an agent's answer down. A second answer to the same command changes nothing, unless the
    first one left the outcome unknown: then what was done late is known for our own deed.

    `withdrawn`: the command was taken back, and is under way nowhere: what it was for ends with it.
    A pass may move the operation at the same moment; then it is read again and written again.
    Returns the look, if any, that now decides what becomes of the request.
    """
    while True:
        sent = await context.store.get(OutboxCommand, result.command)
        if sent is None or sent.host != result.host or not _news(sent, result):
            return None
        moved = await _moved(context, sent, result, withdrawn=withdrawn)
        settled = await _settled(context, moved.writes)
        changes = _changes(context, sent, moved, settled, result)
        (refused,) = await context.store.commit((changes,))
        if not refused:
            return _decisive(moved.writes)


def _news(sent: OutboxCommand, result: CommandResult) -> bool:
    """Whether it has no answer yet; or one that left its outcome unknown, which is known now."""
    known = sent.result
    return known is None or (known.unknown and not result.unknown)


def _changes(
    context: Context,
    sent: OutboxCommand,
    moved: Changes,
    settled: tuple[Write, ...],
    result: CommandResult,
) -> Changes:
    """The answer, what it makes of operation and record, and the entries in the journal."""
    now = context.clock.now()
    answered = msgspec.structs.replace(sent, result=result, answered_at=now)
    writes = (Write(before=sent, after=answered), *moved.writes, *settled)
    return Changes(writes=writes, entries=(_entry(sent, result, now), *moved.entries))


async def _moved(
    context: Context, sent: OutboxCommand, result: CommandResult, *, withdrawn: bool
) -> Changes:
    """What the answer makes of the operation, if it is open and goes by this command.

    An automatic act that was not done stays open until its deadline: the pause before the next try.
    Of one that failed for certain, that is set anew (`pauses.py`).
    """
    operation = await context.store.get(Operation, sent.command.operation)
    if operation is None or not operation.open or operation.command != sent.id:
        return Changes()
    if withdrawn:
        fate = _Fate.END
    elif operation.automatic and result.outcome is not _DONE:
        paused = await pause(context, operation, result)
        if paused is not None:
            return paused
        fate = _Fate.WAIT
    else:
        fate = await _fate(context, sent.command, result)
    noted = msgspec.structs.replace(operation, message=f"{result.outcome}: {result.message}")
    after = await _after(context, noted, fate)
    return Changes(writes=(Write(before=operation, after=after),))


async def _settled(context: Context, moved: tuple[Write, ...]) -> tuple[Write, ...]:
    """The record of an operation that has ended: no phase waits for what is over, though no look
    may come."""
    for write in moved:
        if isinstance(write.after, Operation) and not write.after.open:
            record = await context.store.get(VmRecord, write.after.vm)
            settled = unsettled(record, context.clock.now()) if record is not None else None
            if settled is not None:
                return (Write(before=settled.before, after=settled.after),)
    return ()


async def _fate(context: Context, command: Command, result: CommandResult) -> _Fate:
    host = await context.store.get(Host, command.host)
    earlier = host is not None and command.epoch < host.epoch
    fates = _MARK_FATES if isinstance(command, MarkVm) else _FATES
    fate = fates[result.outcome, result.unknown and result.outcome is _FAILED][earlier]
    if fate is _Fate.END and await _given_up_before(context, command):
        return _Fate.SETTLE
    return fate


async def _given_up_before(context: Context, command: Command) -> bool:
    """Whether the outcome of an earlier command for the same request was unknown: that one may have
    done what is asked for, and be why this one could not."""
    said = await context.store.find(
        JournalEntry, operation=command.operation, kind=EntryKind.RESULT
    )
    return any(entry.command != command.id and entry.evidence.get("unknown") for entry in said)


async def _after(context: Context, noted: Operation, fate: _Fate) -> Operation:
    """The operation after its answer was noted.

    A number of its own marks the moment: a look that is to decide must begin after it.
    """
    now = context.clock.now()
    match fate:
        case _Fate.WAIT:
            return noted
        case _Fate.SETTLE:
            return msgspec.structs.replace(
                noted, deadline_at=now, intake=await context.intakes.next()
            )
        case _Fate.ANEW:
            return msgspec.structs.replace(
                noted,
                state=OperationState.PENDING,
                command=None,
                intake=await context.intakes.next(),
            )
        case _Fate.END:
            return msgspec.structs.replace(noted, state=OperationState.FAILED, finished_at=now)


def _decisive(moved: tuple[Write, ...]) -> LookWish | None:
    match moved:
        case (Write(before=Operation(intake=before), after=Operation(intake=after) as operation),):
            later = before != after
            return LookWish(host=operation.host, vms=(operation.vm,)) if later else None
        case _:
            return None


def _entry(sent: OutboxCommand, result: CommandResult, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.RESULT,
        actor=AGENT,
        what=f"{sent.command.__struct_config__.tag}: {result.outcome}: {result.message}",
        host=sent.host,
        vm=sent.vm,
        name=sent.command.name,
        operation=sent.command.operation,
        command=sent.id,
        evidence={"outcome": result.outcome, "unknown": result.unknown},
    )
