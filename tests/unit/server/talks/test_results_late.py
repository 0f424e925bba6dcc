"""An answer that comes late to a command whose outcome was unknown: it is written down."""

import msgspec
import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.journal import EntryKind
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.server.talks.results import note_result

pytestmark = pytest.mark.anyio
DONE, REFUSED, FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED


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


@pytest.mark.parametrize("second", [REFUSED, FAILED])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("started", [True, False])
async def test_an_order_that_fails_after_one_of_unknown_outcome_leaves_the_end_to_a_look(
    parts: Bench, second: CommandOutcome, late: bool, started: bool
) -> None:
    """The first may have done it, and be why the second could not."""
    host = await parts.host()
    await parts.adopted(host, vm(1), power=STOPPED)
    asked = await parts.requests.power(OperationKind.START, vm(1), actor="ann")
    off = seen(vm(1), power=STOPPED, mark=parts.mark(vm(1)))
    await parts.report(host, off)
    (*_, first) = await parts.sent(vm(1))
    parts.clock.pass_by(1)
    await parts.answer(first.id, host, FAILED, unknown=True)
    await parts.report(host, off)
    (*_, again) = await parts.sent(vm(1))
    assert again.id != first.id
    if late:
        await parts.answer(first.id, host, DONE)
    await parts.answer(again.id, host, second)
    assert (await parts.operation(asked)).open
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))) if started else off)
    ended = await parts.operation(asked)
    assert ended.state is (OperationState.DONE if started else OperationState.FAILED)
    assert ended.message == ("it runs" if started else f"{second}: said so")
