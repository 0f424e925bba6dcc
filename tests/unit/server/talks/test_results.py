"""What an agent's answer moves: the operation, and of a record the phase that waited for it."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.parts import HOST
from tests.servers import STOPPED, Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import (
    CommandResult,
    MarkVm,
    OutboxCommand,
    StopVm,
)
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import (
    CommandOutcome,
    OperationKind,
    OperationState,
)
from vmuster.model.vm import VmRecord
from vmuster.server.talks.results import note_result
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
DONE, REFUSED, FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED


async def stopping(parts: Bench) -> tuple[Host, Operation, CommandId]:
    """A person's stop whose command has just been sent."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    running = await parts.operation(asked)
    assert running.state is OperationState.RUNNING
    assert running.command is not None
    return host, running, running.command


async def test_done_is_written_down_and_waits_for_the_look_that_shows_it(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    before = await parts.record(vm(1))
    await parts.answer(command, host)
    sent = await parts.store.get(OutboxCommand, command)
    assert sent is not None
    assert sent.result is not None
    assert sent.answered_at == parts.clock.now()
    assert (await parts.operation(operation)).state is OperationState.RUNNING
    assert await parts.record(vm(1)) == before
    (entry,) = [e for e in await parts.journal(vm(1)) if e.command == command][-1:]
    assert (entry.kind, entry.operation) == (EntryKind.RESULT, operation.id)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    assert (await parts.operation(operation)).state is OperationState.DONE


@pytest.mark.parametrize("outcome", [REFUSED, FAILED])
async def test_a_request_that_is_refused_or_fails_ends_and_says_why(
    parts: Bench, outcome: CommandOutcome
) -> None:
    host, operation, command = await stopping(parts)
    await parts.answer(command, host, outcome)
    after = await parts.operation(operation)
    assert after.state is OperationState.FAILED
    assert after.message == f"{outcome}: said so"
    assert after.finished_at == parts.clock.now()


async def test_a_second_answer_changes_nothing(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await parts.answer(command, host)
    before = await parts.journal(), await parts.operation(operation)
    await parts.answer(command, host, FAILED)
    assert (await parts.journal(), await parts.operation(operation)) == before


async def test_an_answer_of_another_host_or_to_nothing_changes_nothing(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    before = await parts.journal(), await parts.operation(operation)
    stranger = CommandResult(command=command, host=HOST, outcome=FAILED, message="mine?")
    await note_result(parts.context, stranger)
    await parts.answer(CommandId(vm(77)), host, FAILED)
    assert (await parts.journal(), await parts.operation(operation)) == before


async def test_a_late_answer_reopens_nothing(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    done = await parts.operation(operation)
    assert done.state is OperationState.DONE
    await parts.answer(command, host, FAILED)
    assert await parts.operation(operation) == done
    sent = await parts.store.get(OutboxCommand, command)
    assert sent is not None
    assert sent.answered_at is not None


async def test_after_an_unknown_outcome_the_next_look_decides_anew(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await parts.answer(command, host, FAILED, unknown=True)
    after = await parts.operation(operation)
    assert (after.state, after.command) == (OperationState.PENDING, None)
    await parts.report(host, *(await parts.shown(host)))
    again = await parts.operation(operation)
    assert again.state is OperationState.RUNNING
    assert again.command not in (None, command)


async def test_an_adoption_with_an_unknown_outcome_waits_for_the_look(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    adoption = await parts.requests.adopt(vm(1), actor="ann")
    assert adoption.command is not None
    await parts.answer(adoption.command, host, FAILED, unknown=True)
    after = await parts.operation(adoption)
    assert (after.state, after.command) == (OperationState.RUNNING, adoption.command)
    generation = (await parts.record(vm(1))).mark_generation
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1), generation)))
    assert (await parts.operation(adoption)).state is OperationState.DONE


async def test_a_refused_automatic_act_is_a_pause_until_its_deadline(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1), power=STOPPED)
    await parts.policy(drift="enforce", operation_seconds=60, stop_grace_seconds=0)
    running = seen(vm(1), mark=parts.mark(vm(1)))
    await parts.report(host, running)
    stop = (await parts.sent(vm(1)))[-1]
    assert isinstance(stop.command, StopVm)
    await parts.answer(stop.id, host, REFUSED)
    operation = await parts.store.get(Operation, stop.command.operation)
    assert operation is not None
    assert operation.open
    for _ in range(3):
        await parts.report(host, running)
    assert len(await parts.sent(vm(1))) == 2, "the mark, and one stop"
    parts.clock.pass_by(61)
    await parts.report(host, running)
    await parts.report(host, running)
    assert len(await parts.sent(vm(1))) == 3, "it is tried again"


class Meddled(MemoryStore):
    """A store where somebody writes the operation, once, just before the answer is committed."""

    victim: Operation | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        victim, self.victim = self.victim, None
        if victim is not None:
            noted = msgspec.structs.replace(victim, message="somebody was here")
            await super().commit([Changes(writes=(Write(before=victim, after=noted),))])
        return await super().commit(changes)


async def test_an_answer_outlives_a_write_in_between(anyio_backend: str) -> None:
    store = Meddled()
    parts = await bench(store)
    host, operation, command = await stopping(parts)
    store.victim = operation
    await parts.answer(command, host, REFUSED)
    assert (await parts.operation(operation)).state is OperationState.FAILED


async def renewed(parts: Bench, host: Host) -> None:
    """The host's connection was renewed."""
    now = await parts.now(host)
    await parts.change(now, epoch=now.epoch + 1, sequence=0)


async def test_a_stop_that_was_done_before_a_restart_is_never_ordered_again(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await renewed(parts, host)
    running = seen(vm(1), mark=parts.mark(vm(1)))
    await parts.report(host, running)
    assert (await parts.operation(operation)).state is OperationState.RUNNING, "not answered yet"
    await parts.answer(command, host)
    assert (await parts.operation(operation)).state is OperationState.RUNNING
    await parts.report(host, running)
    after = await parts.operation(operation)
    assert (after.state, after.command) == (OperationState.FAILED, command)
    for _ in range(3):
        await parts.report(host, running)
    assert [type(row.command) for row in await parts.sent(vm(1))] == [MarkVm, StopVm]


async def test_what_was_done_before_a_restart_is_settled_by_a_look_that_began_after_the_answer(
    parts: Bench,
) -> None:
    host, operation, command = await stopping(parts)
    await renewed(parts, host)
    before = parts.context.intakes.last
    await parts.answer(command, host)
    assert (await parts.operation(operation)).intake > before
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    assert (await parts.operation(operation)).state is OperationState.DONE


@pytest.mark.parametrize(("outcome", "unknown"), [(REFUSED, False), (FAILED, True)])
async def test_what_was_not_known_to_be_done_before_a_restart_is_decided_anew(
    parts: Bench, outcome: CommandOutcome, unknown: bool
) -> None:
    host, operation, command = await stopping(parts)
    await renewed(parts, host)
    wish = await note_result(parts.context, answer(command, host, outcome, unknown=unknown))
    assert wish == LookWish(host=host.id, vms=(vm(1),))
    after = await parts.operation(operation)
    assert (after.state, after.command) == (OperationState.PENDING, None)
    await parts.report(host, *(await parts.shown(host)))
    again = await parts.operation(operation)
    assert again.state is OperationState.RUNNING
    assert (await parts.sent(vm(1)))[-1].command.epoch == (await parts.now(host)).epoch
    assert again.command not in (None, command)


async def test_what_failed_for_certain_before_a_restart_has_failed(parts: Bench) -> None:
    host, operation, command = await stopping(parts)
    await renewed(parts, host)
    assert await note_result(parts.context, answer(command, host, FAILED)) is None
    assert (await parts.operation(operation)).state is OperationState.FAILED


@pytest.mark.parametrize("outcome", [REFUSED, FAILED])
@pytest.mark.parametrize("earlier", [False, True])
async def test_a_mark_that_was_not_written_leaves_its_end_to_the_next_look(
    parts: Bench, outcome: CommandOutcome, earlier: bool
) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    adoption = await parts.requests.adopt(vm(1), actor="ann")
    assert adoption.command is not None
    if earlier:
        await renewed(parts, host)
    wish = await note_result(parts.context, answer(adoption.command, host, outcome))
    assert wish == LookWish(host=host.id, vms=(vm(1),))
    noted = await parts.operation(adoption)
    assert noted.state is OperationState.RUNNING
    assert noted.message == f"{outcome}: said so"
    assert noted.deadline_at == parts.clock.now()
    await parts.report(host, seen(vm(1)))
    assert (await parts.operation(adoption)).state is OperationState.FAILED
    assert await parts.store.get(VmRecord, vm(1)) is None


async def test_what_was_done_and_then_is_seen_otherwise_is_not_waited_for(parts: Bench) -> None:
    """Somebody started it again: the request is over, and no record waits for its deadline."""
    host, operation, command = await stopping(parts)
    wish = await note_result(parts.context, answer(command, host, DONE))
    assert wish == LookWish(host=host.id, vms=(vm(1),))
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    ended = await parts.operation(operation)
    assert (ended.state, ended.message) == (
        OperationState.FAILED,
        "it was done, and then seen running",
    )


def answer(
    command: CommandId, host: Host, outcome: CommandOutcome, *, unknown: bool = False
) -> CommandResult:
    return CommandResult(
        command=command, host=host.id, outcome=outcome, message="said so", unknown=unknown
    )
