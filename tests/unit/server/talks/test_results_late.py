"""An answer that comes late to a command whose outcome was unknown: it is written down."""

import msgspec
import pytest

from tests.servers import Bench, vm
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.journal import EntryKind
from vmuster.model.states import CommandOutcome, OperationKind
from vmuster.server.talks.results import note_result

pytestmark = pytest.mark.anyio
DONE, FAILED = CommandOutcome.DONE, CommandOutcome.FAILED


@pytest.mark.parametrize("late", [DONE, FAILED])
async def test_what_was_unknown_and_is_known_late_is_written_down_and_only_that(
    parts: Bench, late: CommandOutcome
) -> None:
    """The operation is long over: what the call did then is no stranger's deed."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    operation = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    command = (await parts.sent(vm(1)))[-1].id
    first = CommandResult(
        command=command, host=host.id, outcome=FAILED, message="no answer", unknown=True
    )
    await note_result(parts.context, first)
    over = await parts.operation(operation)
    known = CommandResult(command=command, host=host.id, outcome=late, message="it came back")
    for result in (known, msgspec.structs.replace(known, message="a third"), first):
        assert await note_result(parts.context, result) is None
    sent = await parts.store.get(OutboxCommand, command)
    assert sent is not None
    assert sent.result == known
    said = [e.what for e in await parts.journal(vm(1)) if e.kind is EntryKind.RESULT]
    assert said[-2:] == ["stop_vm: failed: no answer", f"stop_vm: {late}: it came back"]
    assert await parts.operation(operation) == over
