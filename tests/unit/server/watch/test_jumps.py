"""A clock that was set: said once, the quiet time begins anew, and no operation ends by it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest

from tests.clocks import HandClock
from tests.servers import Bench, bench, vm
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.ids import OperationId, PlanId
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState
from vmuster.server.context import Context
from vmuster.server.figures.catalogue import JUMPS
from vmuster.server.watch.jumps import heed_jump
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def alerts(parts: Bench) -> list[str]:
    return [e.what for e in await parts.journal() if e.kind is EntryKind.ALERT]


async def test_without_a_jump_nothing_is_written(parts: Bench) -> None:
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.pass_by(100)
    await heed_jump(parts.context)
    assert await parts.operation(stop) == stop
    assert await alerts(parts) == []


@pytest.mark.parametrize("seconds", [86_400, -86_400])
async def test_open_operations_have_their_whole_time_again(parts: Bench, seconds: float) -> None:
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.pass_by(200)
    parts.clock.set_by(seconds)
    await heed_jump(parts.context)
    moved = await parts.operation(stop)
    assert moved.deadline_at == stop.deadline_at + seconds + 200
    assert moved.state is OperationState.PENDING
    (said,) = await alerts(parts)
    assert f"{seconds:+.0f} s" in said
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == moved.deadline_at
    assert len(await alerts(parts)) == 1


class Slow(MemoryStore):
    """A store that writes when a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()
        self.asked = asyncio.Event()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.asked.set()
        await self.go.wait()
        return await super().commit(changes)


async def test_who_comes_while_a_jump_is_heeded_waits_until_it_is(anyio_backend: str) -> None:
    """By the old deadlines they would end what was asked for a moment ago."""
    store = Slow()
    parts = await bench(store)
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.set_by(3_600)
    store.asked.clear()
    store.go.clear()
    first = asyncio.create_task(heed_jump(parts.context))
    await store.asked.wait()
    second = asyncio.create_task(heed_jump(parts.context))
    await asyncio.wait({second}, timeout=0.01)
    assert not second.done()
    store.go.set()
    await second
    assert (await parts.operation(stop)).deadline_at == stop.deadline_at + 3_600
    await first


class Passing(MemoryStore):
    """A store in which time passes with every write of two or more, and one row is contended."""

    clock: HandClock | None = None
    victim: OperationId | None = None
    moved = 0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.clock is None or self.victim is None:
            return await super().commit(changes)
        self.clock.pass_by(1)
        writes = [write for each in changes for write in each.writes]
        self.moved += sum(isinstance(write.after, Operation) for write in writes)
        busy = await self.get(Operation, self.victim)
        assert busy is not None
        noted = msgspec.structs.replace(busy, message=f"{busy.message}.")
        if len(busy.message) < 2:
            await super().commit([Changes(writes=(Write(before=busy, after=noted),))])
        return await super().commit(changes)


async def test_only_what_was_contended_is_written_again(anyio_backend: str) -> None:
    store = Passing()
    parts = await bench(store)
    host = await parts.host()
    await parts.adopted(host, vm(1), vm(2))
    for each in (vm(1), vm(2)):
        for mark in await parts.sent(each):
            await parts.answer(mark.id, host)
    one, _ = [
        await parts.requests.power(OperationKind.STOP, each, actor="ann") for each in (vm(1), vm(2))
    ]
    parts.clock.set_by(3_600)
    store.clock, store.victim = parts.clock, one.id
    await heed_jump(parts.context)
    assert store.moved == 2 + 1 + 1, "both, and the busy one twice more"


class Meddled(MemoryStore):
    """A store that fails once, or where somebody writes an operation once, just before."""

    fails_at = 0
    victim: Operation | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.fails_at -= 1
        if not self.fails_at:
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
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.set_by(1_000)
    store.victim = stop
    await heed_jump(parts.context)
    moved = await parts.operation(stop)
    assert (moved.deadline_at, moved.message) == (stop.deadline_at + 1_000, "somebody was here")
    assert len(await alerts(parts)) == 1


async def test_a_jump_outlives_a_database_that_does_not_answer(anyio_backend: str) -> None:
    store = Meddled()
    parts = await bench(store)
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.set_by(1_000)
    store.fails_at = 1
    with pytest.raises(Unavailable):
        await heed_jump(parts.context)
    assert parts.context.figures.sums(JUMPS, ()) == {(): 0}
    await heed_jump(parts.context)
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == stop.deadline_at + 1_000
    assert parts.context.figures.sums(JUMPS, ()) == {(): 1}


@pytest.mark.parametrize("seconds", [86_400, -86_400])
async def test_what_was_asked_for_before_the_jump_was_noticed_has_its_whole_time(
    parts: Bench, seconds: float
) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    parts.clock.set_by(seconds)
    stop = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == parts.clock.now() + 300 + 120


@pytest.mark.parametrize("wrong_by", [86_400, -86_400])
async def test_a_clock_that_was_wrong_at_the_start_moves_nothing_by_its_error(
    parts: Bench, wrong_by: float
) -> None:
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.set_by(wrong_by)
    again = Context(
        store=parts.store,
        clock=parts.clock,
        fleet=parts.context.fleet,
        signer=parts.context.signer,
    )
    parts.clock.pass_by(30)
    parts.clock.set_by(-wrong_by)
    await heed_jump(again)
    assert (await parts.operation(stop)).deadline_at == parts.clock.now() + 300 + 120


async def test_a_jump_that_is_heeded_twice_moves_nothing_twice(anyio_backend: str) -> None:
    """The database fails once the deadlines are written."""
    store = Meddled()
    parts = await bench(store)
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.set_by(-7_200)
    store.fails_at = 2
    with pytest.raises(Unavailable):
        await heed_jump(parts.context)
    assert await alerts(parts) == []
    await heed_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == stop.deadline_at - 7_200
    assert len(await alerts(parts)) == 1


async def test_an_approval_ends_with_a_jump(parts: Bench) -> None:
    host = await parts.host()
    held = HeldPlan(
        host=host.id,
        id=PlanId(UUID(int=1)),
        cluster=host.cluster,
        why="too much",
        acts=(),
        held_at=parts.clock.now(),
        state=HoldState.APPROVED,
        expires_at=parts.clock.now() + 900,
    )
    rejected = msgspec.structs.replace(
        held, host=(await parts.host("beta")).id, state=HoldState.REJECTED, expires_at=None
    )
    inserted = [Changes(writes=(Write(before=None, after=one),)) for one in (held, rejected)]
    assert await parts.store.commit(inserted) == ["", ""]
    parts.clock.set_by(-86_400)
    await heed_jump(parts.context)
    after = await parts.store.get(HeldPlan, held.host)
    assert after is not None
    assert after.expires_at == parts.clock.now()
    untouched = await parts.store.get(HeldPlan, rejected.host)
    assert untouched is not None
    assert untouched.expires_at is None
