"""A clock that was set: said once, the quiet time begins anew, and no operation ends by it."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.servers import Bench, bench, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState
from vmuster.server.jumps import heed_jump
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def asked(parts: Bench) -> Operation:
    """A person's stop, in flight."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    for mark in await parts.sent(vm(1)):
        await parts.answer(mark.id, host)
    stop = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    return await parts.operation(stop)


async def alerts(parts: Bench) -> list[str]:
    return [e.what for e in await parts.journal() if e.kind is EntryKind.ALERT]


async def test_without_a_jump_nothing_is_written(parts: Bench) -> None:
    stop = await asked(parts)
    parts.clock.pass_by(100)
    await heed_jump(parts.context)
    assert await parts.operation(stop) == stop
    assert await alerts(parts) == []


@pytest.mark.parametrize("seconds", [86_400, -86_400])
async def test_open_operations_move_with_the_clock(parts: Bench, seconds: float) -> None:
    stop = await asked(parts)
    parts.clock.set_by(seconds)
    await heed_jump(parts.context)
    moved = await parts.operation(stop)
    assert moved.deadline_at == stop.deadline_at + seconds
    assert moved.state is OperationState.PENDING
    (said,) = await alerts(parts)
    assert f"{seconds:+.0f} s" in said
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == moved.deadline_at
    assert len(await alerts(parts)) == 1


class Meddled(MemoryStore):
    """A store that fails once, or where somebody writes an operation once, just before."""

    failing = False
    victim: Operation | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.failing:
            self.failing = False
            raise Unavailable("the database does not answer")
        victim, self.victim = self.victim, None
        if victim is not None:
            noted = msgspec.structs.replace(victim, message="somebody was here")
            await super().commit([Changes(writes=(Write(before=victim, after=noted),))])
        return await super().commit(changes)


async def test_an_operation_that_is_written_in_between_moves_too_and_once(
    anyio_backend: str,
) -> None:
    store = Meddled()
    parts = await bench(store)
    stop = await asked(parts)
    parts.clock.set_by(1_000)
    store.victim = stop
    await heed_jump(parts.context)
    moved = await parts.operation(stop)
    assert (moved.deadline_at, moved.message) == (stop.deadline_at + 1_000, "somebody was here")
    assert len(await alerts(parts)) == 1


async def test_a_jump_outlives_a_database_that_does_not_answer(anyio_backend: str) -> None:
    store = Meddled()
    parts = await bench(store)
    stop = await asked(parts)
    parts.clock.set_by(1_000)
    store.failing = True
    with pytest.raises(Unavailable):
        await heed_jump(parts.context)
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == stop.deadline_at + 1_000
