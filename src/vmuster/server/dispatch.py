"""The outbox, to the host: each command under the same id until answered, while it is wanted.

What is no longer wanted is closed in place of being sent: an old stop that comes late would end a
VM that somebody has long decided to keep. While the fleet is in quarantine, or the host is refused
for another one, everything is kept back, and nothing is closed.
"""

from collections.abc import Container

import msgspec

from vmuster.model.commands import Command, CommandResult, OutboxCommand
from vmuster.model.ids import CommandId, HostId
from vmuster.model.operations import Operation
from vmuster.model.states import CommandOutcome
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.references import fleet_now, host_now
from vmuster.server.results import note_result


async def due(
    context: Context, host: HostId, epoch: int, sent: Container[CommandId]
) -> list[Command]:
    """What is to be sent to `host`, whose connection is `epoch`, and is not among those `sent`.

    A command of an earlier connection is sent again: the agent's journal says what came of it, or
    the agent refuses it. Each is valid for the rest of its operation's time.
    """
    commands: list[Command] = []
    if await _kept_back(context, host):
        return commands
    for row in await find_all(context.store, OutboxCommand, host=host, answered_at=None):
        if row.id in sent:
            continue
        rest = await _rest(context, row)
        if rest > 0:
            commands.append(msgspec.structs.replace(row.command, valid_seconds=rest))
        else:
            await note_result(context, _closed(row, epoch))
    return commands


async def _kept_back(context: Context, host: HostId) -> bool:
    """Whether nothing is sent to `host` now; read anew, for the doubt may be a moment old."""
    fleet, now = await fleet_now(context.store), await host_now(context.store, host)
    return fleet.quarantine is not None or now.claims is not None


async def _rest(context: Context, row: OutboxCommand) -> float:
    """For how many seconds the command is still wanted."""
    operation = await context.store.get(Operation, row.command.operation)
    if operation is None or not operation.open or operation.command != row.id:
        return 0.0
    return operation.deadline_at - context.clock.now()


def _closed(row: OutboxCommand, epoch: int) -> CommandResult:
    """The answer that stands in for an agent's. In an earlier connection it may have been sent."""
    return CommandResult(
        command=row.id,
        host=row.host,
        outcome=CommandOutcome.FAILED,
        message="no longer wanted",
        unknown=row.command.epoch < epoch,
    )
