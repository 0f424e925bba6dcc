"""A guest was asked to shut down and not ended by force: its request goes on with a new command."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.commands import GUEST_WAS_ASKED, CommandResult, MarkVm, StopVm
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.server.talks.results import note_result

pytestmark = pytest.mark.anyio
REFUSED, FAILED = CommandOutcome.REFUSED, CommandOutcome.FAILED


async def stopping(parts: Bench, *, renewed: bool) -> tuple[Host, Operation]:
    """A person's stop whose command was sent; and, perhaps, the host's connection renewed."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    now = await parts.now(host)
    if renewed:
        await parts.change(now, epoch=now.epoch + 1, sequence=0)
    return host, await parts.operation(asked)


async def answered(parts: Bench, operation: Operation, outcome: CommandOutcome) -> LookWish | None:
    assert operation.command is not None
    assert operation.host is not None
    result = CommandResult(
        command=operation.command,
        host=operation.host,
        outcome=outcome,
        message=f"{GUEST_WAS_ASKED}why",
        unknown=outcome is FAILED,
    )
    return await note_result(parts.context, result)


@pytest.mark.parametrize(("outcome", "renewed"), [(REFUSED, True), (FAILED, False), (FAILED, True)])
async def test_a_stop_that_was_cut_short_goes_on(
    parts: Bench, outcome: CommandOutcome, *, renewed: bool
) -> None:
    host, operation = await stopping(parts, renewed=renewed)
    wish = await answered(parts, operation, outcome)
    assert wish == LookWish(host=host.id, vms=(vm(1),))
    await parts.report(host, *(await parts.shown(host)))
    after = await parts.operation(operation)
    assert after.state is OperationState.RUNNING
    commands = [row.command for row in await parts.sent(vm(1))]
    assert [type(command) for command in commands] == [MarkVm, StopVm, StopVm]
    assert {command.operation for command in commands[1:]} == {operation.id}


async def test_a_guest_that_obeyed_meanwhile_is_off(parts: Bench) -> None:
    host, operation = await stopping(parts, renewed=True)
    await answered(parts, operation, FAILED)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    after = await parts.operation(operation)
    assert (after.state, after.message) == (OperationState.DONE, "it is stopped")


async def test_what_is_refused_in_the_same_connection_is_refused(parts: Bench) -> None:
    """As where nobody can tell whether the run that was asked is still there."""
    _, operation = await stopping(parts, renewed=False)
    assert await answered(parts, operation, REFUSED) is None
    assert (await parts.operation(operation)).state is OperationState.FAILED
