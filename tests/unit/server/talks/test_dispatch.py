"""The outbox: sent while it is wanted, closed when it is not."""

import msgspec
import pytest

from tests.agents import FACTS
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    OperationKind,
    OperationState,
    VmPhase,
)
from vmuster.server.references import fleet_now
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.server.talks.dispatch import Handed, due, in_hand
from vmuster.server.talks.troubles import note_trouble

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


async def handed_over(parts: Bench) -> tuple[Host, Operation, Handed]:
    """The same, and its command as the pass hands it over."""
    host, operation, command = await stopping(parts)
    (begun,) = [begun for _, id_, begun in parts.heard.commands if id_ == command]
    row = await parts.store.get(OutboxCommand, command)
    assert row is not None
    return host, operation, Handed(commands=(row.command,), begun=begun)


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


async def test_what_was_handed_over_is_sent_as_the_outbox_would_have_it(parts: Bench) -> None:
    host, _, handed = await handed_over(parts)
    parts.clock.pass_by(0.5)
    sent = await in_hand(parts.context, host.id, 1, handed, ()) or []
    assert sent == await due(parts.context, host.id, 1, ())
    assert [command.valid_seconds for command in sent] == [59.5]
    assert await in_hand(parts.context, host.id, 1, handed, {sent[0].id}) == []


async def in_doubt(parts: Bench, host: Host, handed: Handed, epoch: int = 1) -> bool:
    return await in_hand(parts.context, host.id, epoch, handed, ()) is None


async def test_in_another_connection_the_outbox_says_what_is_sent(parts: Bench) -> None:
    host, _, handed = await handed_over(parts)
    assert not await in_doubt(parts, host, handed)
    assert await in_doubt(parts, host, handed, epoch=2)


@pytest.mark.parametrize(
    ("seconds", "valid", "doubt"),
    [(0.5, 60, False), (0.5, 0.5, True), (1, 60, True), (-1, 60, True)],
    ids=["just now", "over", "a while ago", "not begun"],
)
async def test_what_the_clock_says_is_over_or_not_just_begun_is_in_doubt(
    parts: Bench, seconds: float, valid: float, doubt: bool
) -> None:
    host, _, handed = await handed_over(parts)
    commands = [msgspec.structs.replace(each, valid_seconds=valid) for each in handed.commands]
    handed = msgspec.structs.replace(handed, commands=commands)
    if seconds > 0:
        parts.clock.pass_by(seconds)
    else:
        parts.clock.set_by(seconds)  # so little that nobody calls it a jump
    assert await in_doubt(parts, host, handed) is doubt


async def test_what_another_server_ended_while_it_waited_is_not_sent(parts: Bench) -> None:
    """Of what that one writes nobody hears here: what could not be sent at once is read again."""
    host, _, handed = await handed_over(parts)
    elsewhere = await parts.second()
    for command in handed.commands:
        await elsewhere.answer(command.id, host)
    parts.clock.pass_by(1)
    assert await in_doubt(parts, host, handed)
    assert await due(parts.context, host.id, 1, ()) == []


@pytest.mark.parametrize("scope", ArmingScope)
async def test_what_is_disarmed_meanwhile_is_in_doubt(parts: Bench, scope: ArmingScope) -> None:
    host, _, handed = await handed_over(parts)
    name = {ArmingScope.FLEET: "", ArmingScope.CLUSTER: host.cluster, ArmingScope.HOST: host.name}
    arming = Arming(parts.context, parts.heard)
    await arming.disarm(scope, name[scope], why="", actor="ann")
    assert await in_doubt(parts, host, handed)


async def test_what_concerns_another_host_leaves_no_doubt(parts: Bench) -> None:
    host, _, handed = await handed_over(parts)
    other = await parts.host("beta")
    arming = Arming(parts.context, parts.heard)
    await arming.disarm(ArmingScope.HOST, other.name, why="", actor="ann")
    await parts.report(other, seen(vm(9)))
    assert not await in_doubt(parts, host, handed)


async def test_of_a_host_that_is_refused_meanwhile_it_is_in_doubt(parts: Bench) -> None:
    host, _, handed = await handed_over(parts)
    await note_trouble(
        parts.context, host.id, "another host", kind=EntryKind.ALERT, claims=FACTS.uuid
    )
    assert await in_doubt(parts, host, handed)
    assert await due(parts.context, host.id, 1, ()) == []


@pytest.mark.parametrize("told", [False, True])
async def test_in_a_quarantine_it_is_in_doubt(parts: Bench, told: bool) -> None:
    """Written by this server; or read by it, and written by nobody whom it knows."""
    host, _, handed = await handed_over(parts)
    fleet = await fleet_now(parts.store)
    quarantine = Quarantine(since=1.0, evidence=(), highest=1)
    after = msgspec.structs.replace(fleet, quarantine=quarantine)
    if told:
        parts.context.fleet = after
    else:
        changes = Changes(writes=(Write(before=fleet, after=after),))
        assert await parts.context.store.commit([changes]) == [""]
    assert await in_doubt(parts, host, handed)


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
