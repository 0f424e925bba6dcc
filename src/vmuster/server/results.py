"""What became of a command. It is written down, and moves no record: the next look does."""

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import Command, CommandResult, MarkVm, OutboxCommand
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import CommandOutcome, OperationState
from vmuster.server.context import Context


async def note_result(context: Context, result: CommandResult) -> None:
    """Write an agent's answer down; a second answer to the same command changes nothing.

    A pass may move the operation at the same moment; then it is read again and written again.
    """
    refused = "not written yet"
    while refused:
        sent = await context.store.get(OutboxCommand, result.command)
        if sent is None or sent.answered_at is not None or sent.host != result.host:
            return
        operation = await context.store.get(Operation, sent.command.operation)
        changes = _changes(sent, operation, result, context.clock.now())
        (refused,) = await context.store.commit((changes,))


async def close_old_commands(context: Context, host: HostId, epoch: int) -> None:
    """Settle what was sent in earlier connections and never answered.

    The evidence of such a command is of an earlier connection, and no agent takes it any more.
    Whether it was carried out, the next look tells; a request that still wants it gets a new
    command from that look, with new proof.
    """
    for sent in await context.store.find(OutboxCommand, host=host, answered_at=None):
        if sent.command.epoch >= epoch:
            continue
        result = CommandResult(
            command=sent.id,
            host=host,
            outcome=CommandOutcome.FAILED,
            message="the connection was renewed before its answer came",
            unknown=True,
        )
        await note_result(context, result)


def _changes(
    sent: OutboxCommand, operation: Operation | None, result: CommandResult, now: float
) -> Changes:
    answered = msgspec.structs.replace(sent, result=result, answered_at=now)
    writes = [Write(before=sent, after=answered)]
    if operation is not None and operation.open and operation.command == sent.id:
        writes.append(Write(before=operation, after=_after(operation, sent.command, result, now)))
    entry = JournalEntry(
        at=now,
        kind=EntryKind.RESULT,
        actor="agent",
        what=f"{sent.command.__struct_config__.tag}: {result.outcome}: {result.message}",
        host=sent.host,
        vm=sent.vm,
        name=sent.command.name,
        operation=sent.command.operation,
        command=sent.id,
        evidence={"outcome": result.outcome, "unknown": result.unknown},
    )
    return Changes(writes=tuple(writes), entries=(entry,))


def _after(operation: Operation, command: Command, result: CommandResult, now: float) -> Operation:
    """The operation after the answer.

    DONE waits for the look that shows it. An unknown outcome goes back to PENDING, so that the
    next look decides anew. A refused or failed request ends; a refused automatic act stays open
    until its deadline, which is the pause before the next try.
    """
    noted = msgspec.structs.replace(operation, message=f"{result.outcome}: {result.message}")
    if result.outcome is CommandOutcome.DONE or operation.automatic:
        return noted
    if result.unknown and not isinstance(command, MarkVm):
        return msgspec.structs.replace(noted, state=OperationState.PENDING, command=None)
    if isinstance(command, MarkVm) and result.unknown:
        return noted
    return msgspec.structs.replace(noted, state=OperationState.FAILED, finished_at=now)
