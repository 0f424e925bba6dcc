"""The outbox, to the host: each command under the same id until answered, while it is wanted.

A command that was written a moment ago is sent as it was handed over, and the outbox is not read
for it, as long as nothing is in doubt that a reading would show: what this server wrote in between,
the accounts of reports know (`passes.accounts`). Of what another one writes they know nothing, so
what waited for longer than a reading takes is read.

What is no longer wanted is closed in place of being sent: an old stop that comes late would end a
VM that somebody has long decided to keep. While the fleet is in quarantine, or the host is refused
for another one, everything is kept back, and nothing is closed. Where a person disarmed automation,
what it had not sent yet is closed: armed again, it decides anew.
"""

from collections.abc import Container, Sequence
from typing import Final

import msgspec

from vmuster.model.commands import Command, CommandResult, OutboxCommand
from vmuster.model.ids import CommandId, HostId
from vmuster.model.operations import Operation
from vmuster.model.states import CommandOutcome
from vmuster.server.context import Context
from vmuster.server.references import cluster_now, fleet_now, host_now
from vmuster.server.talks.results import note_result
from vmuster.server.watch.jumps import heed_jump

_AT_ONCE_SECONDS: Final = 1.0
"""For so long after it was decided a command is sent as it was handed over."""


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """The commands of one pass, which are written. `begun`: how often the whole host had been
    stirred when the pass began."""

    commands: Sequence[Command]
    begun: int


async def in_hand(
    context: Context, host: HostId, epoch: int, handed: Handed, sent: Container[CommandId]
) -> list[Command] | None:
    """What of `handed` is to be sent, as `due` would find it; None where only the outbox can say.

    It says so where, since before the rows of that pass were read, a quarantine, a disarming, or
    anything else was written that concerns the whole host; where another connection has begun; and
    where the clock says that it was not decided just now, or that its time is over.
    """
    await heed_jump(context)
    if context.fleet.quarantine is not None or context.accounts.stirs(host) != handed.begun:
        return None
    commands: list[Command] = []
    now = context.clock.now()
    for command in handed.commands:
        age = now - command.issued_at
        if command.epoch != epoch or not 0 <= age < min(_AT_ONCE_SECONDS, command.valid_seconds):
            return None
        if command.id not in sent:
            rest = command.valid_seconds - age
            commands.append(msgspec.structs.replace(command, valid_seconds=rest))
    return commands


async def due(
    context: Context, host: HostId, epoch: int, sent: Container[CommandId]
) -> list[Command]:
    """What is to be sent to `host`, whose connection is `epoch`, and is not among those `sent`.

    A command of an earlier connection is sent again: the agent's journal says what came of it, or
    the agent refuses it. Each is valid for the rest of its operation's time.
    """
    await heed_jump(context)  # else what was just asked for may look long overdue
    store = context.store
    waiting = [row for row in await store.unanswered(host) if row.id not in sent]
    if not waiting:
        return []
    fleet, there = await fleet_now(store), await host_now(store, host)
    if fleet.quarantine is not None or there.claims is not None:
        return []
    disarmed = (
        fleet.disarmed or there.disarmed or (await cluster_now(store, there.cluster)).disarmed
    )
    commands: list[Command] = []
    for row in waiting:
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
