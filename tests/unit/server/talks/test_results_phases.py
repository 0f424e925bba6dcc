"""A phase that a request began ends with the request, though no look may come any more."""

import pytest

from tests.servers import Bench, vm
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.states import CommandOutcome, DesiredState, OperationKind, VmPhase

pytestmark = pytest.mark.anyio
REFUSED, FAILED = CommandOutcome.REFUSED, CommandOutcome.FAILED


async def stopping(parts: Bench) -> tuple[Host, CommandId]:
    """A person's stop whose command has just been sent."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    running = await parts.operation(asked)
    assert running.command is not None
    assert (await parts.record(vm(1))).phase is VmPhase.STOPPING
    return host, running.command


@pytest.mark.parametrize("outcome", [REFUSED, FAILED])
async def test_no_phase_waits_for_a_request_that_failed(
    parts: Bench, outcome: CommandOutcome
) -> None:
    """Its host may give no account any more."""
    host, command = await stopping(parts)
    await parts.answer(command, host, outcome)
    after = await parts.record(vm(1))
    assert (after.phase, after.desired) == (VmPhase.RUNNING, DesiredState.STOPPED)


async def test_while_a_look_decides_the_phase_waits_for_it(parts: Bench) -> None:
    host, command = await stopping(parts)
    await parts.answer(command, host, FAILED, unknown=True)
    assert (await parts.record(vm(1))).phase is VmPhase.STOPPING
