"""One open operation per VM: people wait for people, and automatic acts give way to people."""

import msgspec
import pytest

from tests.parts import operation
from tests.pasts import owned
from tests.servers import Bench, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.server.requests.turns import made_before, take_turn

pytestmark = pytest.mark.anyio
START, STOP = OperationKind.START, OperationKind.STOP


async def automatic_stop(parts: Bench, *, sent: bool) -> Operation:
    """An automatic stop in flight; `sent`: its command has been given to the outbox."""
    host = await owned(parts)
    (marked,) = await parts.sent(vm(1))
    order = CommandId(parts.clock.uuid())
    wish = operation(
        STOP,
        vm=vm(1),
        host=host.id,
        actor=AUTOMATIC,
        state=OperationState.RUNNING,
        command=order,
        deadline_at=parts.clock.now() + 300,
    )
    command = msgspec.structs.replace(marked.command, id=order, operation=wish.id)
    row = OutboxCommand(
        id=order, host=host.id, vm=vm(1), command=command, created_at=parts.clock.now()
    )
    writes = [Write(before=None, after=wish)] + [Write(before=None, after=row)] * sent
    assert await parts.store.commit([Changes(writes=tuple(writes))]) == [""]
    return wish


async def test_an_automatic_act_whose_command_was_answered_gives_way_to_a_person(
    parts: Bench,
) -> None:
    wish = await automatic_stop(parts, sent=True)
    assert wish.command is not None
    (host,) = await parts.store.find(Host)
    await parts.answer(wish.command, host, CommandOutcome.REFUSED)
    asked = await parts.requests.power(START, vm(1), actor="ann")
    assert asked.open
    ended = await parts.operation(wish)
    assert (ended.state, ended.message) == (
        OperationState.FAILED,
        "ann asked for something else",
    )


async def test_one_whose_command_is_on_its_way_does_not(parts: Bench) -> None:
    wish = await automatic_stop(parts, sent=True)
    with pytest.raises(Refused, match="in flight") as refusal:
        await parts.requests.power(START, vm(1), actor="ann")
    assert str(wish.id) in refusal.value.hint
    assert (await parts.operation(wish)).open


async def test_a_person_waits_for_a_person(parts: Bench) -> None:
    await owned(parts)
    first = await parts.requests.power(STOP, vm(1), actor="ann")
    with pytest.raises(Refused, match="stop by ann is in flight"):
        await take_turn(parts.store, vm(1), "bob", parts.clock.now())
    assert (await parts.operation(first)).open


async def test_a_turn_that_nobody_has_is_free(parts: Bench) -> None:
    await owned(parts)
    assert await take_turn(parts.store, vm(1), "ann", parts.clock.now()) == ()
    assert await made_before(parts.store, STOP, vm(1), "ann", "") is None
    assert await made_before(parts.store, STOP, vm(1), "ann", "new") is None
