"""The outbox, to the host: each command under the same id until answered, while it is wanted.

What is no longer wanted is closed in place of being sent: an old stop that comes late would end a
VM that somebody has long decided to keep. While the fleet is in quarantine, or the host is refused
for another one, everything is kept back, and nothing is closed. Where a person disarmed automation,
what it had not sent yet is closed: armed again, it decides anew.
"""

from collections.abc import Container

import msgspec

from vmuster.model.commands import Command, CommandResult, OutboxCommand
from vmuster.model.ids import CommandId, HostId
from vmuster.model.operations import Operation
from vmuster.model.states import CommandOutcome
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.references import cluster_now, fleet_now, host_now
from vmuster.server.talks.results import note_result
from vmuster.server.watch.jumps import heed_jump


async def due(
    context: Context, host: HostId, epoch: int, sent: Container[CommandId]
) -> list[Command]:
    """What is to be sent to `host`, whose connection is `epoch`, and is not among those `sent`.

    A command of an earlier connection is sent again: the agent's journal says what came of it, or
    the agent refuses it. Each is valid for the rest of its operation's time.
    """
    await heed_jump(context)  # else what was just asked for may look long overdue
    store = context.store
    fleet, there = await fleet_now(store), await host_now(store, host)
    if fleet.quarantine is not None or there.claims is not None:
        return []
    disarmed = (
        fleet.disarmed or there.disarmed or (await cluster_now(store, there.cluster)).disarmed
    )
    commands: list[Command] = []
    for row in await find_all(store, OutboxCommand, host=host, answered_at=None):
        if row.id in sent:
            continue
        rest = await _rest(context, row)
        if rest <= 0:
            earlier = row.command.epoch < epoch  # then it may have been sent
            await note_result(context, _closed(row, "no longer wanted", unknown=earlier))
        elif disarmed and row.command.automatic:
            # not sent yet; or it was answered, and the answer was lost: in neither case under way
            idle = row.command.epoch == epoch
            result = _closed(row, "automation is disarmed", unknown=True)
            await note_result(context, result, withdrawn=idle)
        else:
            commands.append(msgspec.structs.replace(row.command, valid_seconds=rest))
    return commands


async def _rest(context: Context, row: OutboxCommand) -> float:
    """For how many seconds the command is still wanted."""
    operation = await context.store.get(Operation, row.command.operation)
    if operation is None or not operation.open or operation.command != row.id:
        return 0.0
    return operation.deadline_at - context.clock.now()


def _closed(row: OutboxCommand, why: str, *, unknown: bool) -> CommandResult:
    """The answer that stands in for an agent's. `unknown`: it may have been sent before."""
    return CommandResult(
        command=row.id,
        host=row.host,
        outcome=CommandOutcome.FAILED,
        message=why,
        unknown=unknown,
    )
