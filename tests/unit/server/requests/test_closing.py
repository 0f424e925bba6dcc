"""What was begun is found, all of it, and ended in words."""

import pytest

from tests.pasts import owned, power
from tests.servers import Bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.states import CommandOutcome, OperationState
from vmuster.server.requests.closing import closed, given_up, open_operations, unanswered

pytestmark = pytest.mark.anyio


async def test_an_operation_and_its_command_are_found_by_host_and_ended(parts: Bench) -> None:
    host = await owned(parts)
    asked = await power(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    other = await parts.host("beta")
    assert await open_operations(parts.store, other.id) == []
    assert await unanswered(parts.store, other.id) == []
    (operation,) = await open_operations(parts.store, host.id)
    (command,) = [c for c in await unanswered(parts.store, host.id) if c.id == operation.command]
    assert operation.id == asked.id
    assert operation in await open_operations(parts.store)
    assert command in await unanswered(parts.store)
    writes = (given_up(operation, "so it is", 7.0), closed(command, "so it is", 7.0))
    assert await parts.store.commit([Changes(writes=writes)]) == [""]
    ended = await parts.operation(asked)
    assert (ended.state, ended.message, ended.finished_at) == (
        OperationState.FAILED,
        "so it is",
        7.0,
    )
    (_, answered) = await parts.sent(vm(1))
    assert answered.result is not None
    assert (answered.answered_at, answered.result.unknown) == (7.0, True)
    assert answered.result.outcome is CommandOutcome.FAILED
    assert await open_operations(parts.store) == []
