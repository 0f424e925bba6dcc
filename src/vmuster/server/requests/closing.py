"""What was begun and is not carried on: an operation, a command, ended by a person's other act."""

from typing import Any

import msgspec

from vmuster.model.changes import Write
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.ids import HostId
from vmuster.model.operations import OPEN, Operation
from vmuster.model.states import CommandOutcome, OperationState
from vmuster.ports.store import Store
from vmuster.server.paging import find_all


async def open_operations(
    store: Store, host: HostId | None = None, *, readable: bool = False
) -> list[Operation]:
    """Every operation that is still to be settled, on `host` or anywhere; see `Store.find`."""
    on_host: dict[str, Any] = {} if host is None else {"host": host}
    return list(await find_all(store, Operation, state=OPEN, readable=readable, **on_host))


async def unanswered(store: Store, host: HostId | None = None) -> list[OutboxCommand]:
    """Every command that has no answer, to `host` or to any."""
    to_host: dict[str, Any] = {} if host is None else {"host": host}
    return list(await find_all(store, OutboxCommand, answered_at=None, **to_host))


def given_up(operation: Operation, why: str, now: float) -> Write:
    """The operation ends as failed, and says why."""
    after = msgspec.structs.replace(
        operation, state=OperationState.FAILED, message=why, finished_at=now
    )
    return Write(before=operation, after=after)


def closed(command: OutboxCommand, why: str, now: float) -> Write:
    """The command gets an answer in its agent's place: whether it was carried out is not known."""
    result = CommandResult(
        command=command.id,
        host=command.host,
        outcome=CommandOutcome.FAILED,
        message=why,
        unknown=True,
    )
    return Write(
        before=command, after=msgspec.structs.replace(command, result=result, answered_at=now)
    )
