"""A guest was asked to shut down, and was not ended by force: no request asks it a second time."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.commands import GUEST_WAS_ASKED, CommandResult, MarkVm, StopVm
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import CommandOutcome, OperationKind, OperationState, PowerState
from vmuster.server.talks.results import note_result

pytestmark = pytest.mark.anyio
REFUSED, FAILED = CommandOutcome.REFUSED, CommandOutcome.FAILED
RUNNING = PowerState.RUNNING
AGAIN = f"{GUEST_WAS_ASKED}it was started again since"
CUT_SHORT = f"{GUEST_WAS_ASKED}its outcome is unknown"


async def stopping(parts: Bench, *, renewed: bool = True) -> tuple[Host, Operation]:
    """A person's stop whose command was sent, before the host's connection was renewed."""
    await parts.policy(operation_seconds=300, stop_grace_seconds=20)
    host = await parts.host()
    await parts.adopted(host, vm(1))
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    now = await parts.now(host)
    if renewed:
        await parts.change(now, epoch=now.epoch + 1, sequence=0)
    return host, await parts.operation(asked)


async def answered(
    parts: Bench, operation: Operation, outcome: CommandOutcome, message: str
) -> LookWish | None:
    assert operation.command is not None
    assert operation.host is not None
    result = CommandResult(
        command=operation.command,
        host=operation.host,
        outcome=outcome,
        message=message,
        unknown=outcome is FAILED,
    )
    return await note_result(parts.context, result)


@pytest.mark.parametrize(
    ("power", "state", "message"),
    [
        (RUNNING, OperationState.FAILED, f"refused: {AGAIN}"),
        (STOPPED, OperationState.DONE, "it is stopped"),
    ],
)
async def test_a_guest_that_was_asked_before_a_restart_is_asked_once(
    parts: Bench, power: PowerState, state: OperationState, message: str
) -> None:
    """That it was not ended by force afterwards is no reason to begin anew; it may have obeyed."""
    host, operation = await stopping(parts)
    wish = await answered(parts, operation, REFUSED, AGAIN)
    assert wish == LookWish(host=host.id, vms=(vm(1),))
    await parts.report(host, seen(vm(1), power=power, mark=parts.mark(vm(1))))
    after = await parts.operation(operation)
    assert (after.state, after.command, after.message) == (state, operation.command, message)
    await parts.report(host, *(await parts.shown(host)))
    assert [type(row.command) for row in await parts.sent(vm(1))] == [MarkVm, StopVm]


@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize(
    ("power", "state", "message"),
    [
        (RUNNING, OperationState.FAILED, f"failed: {CUT_SHORT}"),
        (STOPPED, OperationState.DONE, "it is stopped"),
    ],
)
async def test_a_guest_whose_agent_ended_in_its_grace_has_another_and_is_asked_once(
    parts: Bench, *, renewed: bool, power: PowerState, state: OperationState, message: str
) -> None:
    host, operation = await stopping(parts, renewed=renewed)
    assert await answered(parts, operation, FAILED, CUT_SHORT) is None, "no look decides by itself"
    await parts.report(host, *(await parts.shown(host)))
    parts.clock.pass_by(19)
    await parts.report(host, *(await parts.shown(host)))
    waiting = await parts.operation(operation)
    assert (waiting.state, waiting.command) == (OperationState.RUNNING, operation.command)
    parts.clock.pass_by(2)
    await parts.report(host, seen(vm(1), power=power, mark=parts.mark(vm(1))))
    after = await parts.operation(operation)
    assert (after.state, after.command, after.message) == (state, operation.command, message)
    assert [type(row.command) for row in await parts.sent(vm(1))] == [MarkVm, StopVm]


async def test_another_grace_lasts_no_longer_than_its_request(parts: Bench) -> None:
    _, operation = await stopping(parts)
    parts.clock.pass_by(310)
    await answered(parts, operation, FAILED, CUT_SHORT)
    assert (await parts.operation(operation)).deadline_at == operation.deadline_at
