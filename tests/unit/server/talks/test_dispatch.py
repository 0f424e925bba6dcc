"""The outbox: sent while it is wanted, closed when it is not."""

import msgspec
import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId
from vmuster.model.operations import Operation
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    OperationKind,
    OperationState,
    VmPhase,
)
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.server.talks.dispatch import due

pytestmark = pytest.mark.anyio


async def stopping(parts: Bench) -> tuple[Host, Operation, CommandId]:
    """A person's stop, whose command is in the outbox."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    for mark in await parts.sent(vm(1)):
        await parts.answer(mark.id, host)
    await parts.policy(operation_seconds=60, stop_grace_seconds=0)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    running = await parts.operation(asked)
    assert running.command is not None
    return host, running, running.command


async def closed(parts: Bench, command: CommandId) -> CommandResult | None:
    row = await parts.store.get(OutboxCommand, command)
    assert row is not None
    return row.result


async def test_a_command_is_valid_for_the_rest_of_its_operations_time(parts: Bench) -> None:
    host, _, command = await stopping(parts)
    parts.clock.pass_by(45)
    (sent,) = await due(parts.context, host.id, 1, ())
    assert (sent.id, sent.valid_seconds) == (command, 15)
    assert await due(parts.context, host.id, 1, {command}) == []
    assert await closed(parts, command) is None


async def test_a_command_whose_deadline_has_passed_is_closed_and_never_sent(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    parts.clock.pass_by(60)
    assert await due(parts.context, host.id, 1, ()) == []
    result = await closed(parts, command)
    assert result is not None
    assert (result.outcome, result.unknown) == (CommandOutcome.FAILED, False)
    assert result.message == "no longer wanted"
    assert (await parts.operation(operation)).state is OperationState.FAILED


async def test_a_command_whose_operation_has_ended_is_closed_and_never_sent(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    done = await parts.operation(operation)
    assert done.state is OperationState.DONE
    assert await due(parts.context, host.id, 1, ()) == []
    assert await closed(parts, command) is not None
    assert await parts.operation(operation) == done


async def test_of_an_earlier_connection_it_is_not_said_that_it_was_never_sent(
    parts: Bench,
) -> None:
    host, _, command = await stopping(parts)
    parts.clock.pass_by(60)
    assert await due(parts.context, host.id, 2, ()) == []
    result = await closed(parts, command)
    assert result is not None
    assert result.unknown


async def test_what_was_sent_and_is_awaited_is_not_closed(parts: Bench) -> None:
    host, _, command = await stopping(parts)
    parts.clock.pass_by(60)
    assert await due(parts.context, host.id, 1, {command}) == []
    assert await closed(parts, command) is None


async def enforced(parts: Bench) -> tuple[Host, OutboxCommand]:
    """A VM that somebody started, and the automatic stop of it."""
    await parts.policy(drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(1))
    record = await parts.record(vm(1))
    await parts.change(record, desired=DesiredState.STOPPED, phase=VmPhase.STOPPED, power=STOPPED)
    await parts.report(host, *(await parts.shown(host)))
    row = (await parts.sent(vm(1)))[-1]
    assert row.command.automatic
    return host, row


@pytest.mark.parametrize("scope", ArmingScope)
async def test_what_automation_has_not_sent_is_closed_once_it_is_disarmed(
    parts: Bench, scope: ArmingScope
) -> None:
    host, row = await enforced(parts)
    assert row.id in [command.id for command in await due(parts.context, host.id, 1, ())]
    name = {ArmingScope.FLEET: "", ArmingScope.CLUSTER: host.cluster, ArmingScope.HOST: host.name}[
        scope
    ]
    arming = Arming(parts.context, parts.heard)
    await arming.disarm(scope, name, why="", actor="ann")
    assert row.id not in [command.id for command in await due(parts.context, host.id, 1, ())]
    result = await closed(parts, row.id)
    assert result is not None
    assert (result.outcome, result.message) == (CommandOutcome.FAILED, "automation is disarmed")
    await arming.arm(scope, name, actor="ann")
    assert row.id not in [command.id for command in await due(parts.context, host.id, 1, ())]


@pytest.mark.parametrize(
    ("later", "state"), [(0, OperationState.FAILED), (1, OperationState.RUNNING)]
)
async def test_what_was_not_sent_ends_with_its_command_and_waits_for_nothing(
    parts: Bench, later: int, state: OperationState
) -> None:
    """One that was sent in an earlier connection may be under way: that has a pause."""
    host, row = await enforced(parts)
    epoch, arming = (await parts.now(host)).epoch + later, Arming(parts.context, parts.heard)
    await arming.disarm(ArmingScope.FLEET, why="", actor="ann")
    await due(parts.context, host.id, epoch, ())
    operation = await parts.store.get(Operation, row.command.operation)
    assert operation is not None
    assert operation.state is state
    await arming.arm(ArmingScope.FLEET, actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    acts_again = (await parts.sent(vm(1)))[-1].id != row.id
    assert acts_again is (not later)


async def test_a_person_s_command_is_sent_where_automation_is_disarmed(parts: Bench) -> None:
    host, _, command = await stopping(parts)
    await Arming(parts.context, parts.heard).disarm(ArmingScope.FLEET, why="", actor="ann")
    assert [sent.id for sent in await due(parts.context, host.id, 1, ())] == [command]


async def test_in_quarantine_nothing_is_sent_and_nothing_is_closed(parts: Bench) -> None:
    host, _, command = await stopping(parts)
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    quarantine = Quarantine(since=1.0, evidence=(), highest=1)
    after = msgspec.structs.replace(fleet, quarantine=quarantine)
    assert await parts.store.commit([Changes(writes=(Write(before=fleet, after=after),))]) == [""]
    parts.clock.pass_by(60)
    assert await due(parts.context, host.id, 1, ()) == []
    assert await closed(parts, command) is None
