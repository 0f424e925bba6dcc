"""Each bug of service: with it, something is promised, sent or ended otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from tests.parts import NOW, host, operation
from tests.probes import Probes, told_apart
from tests.servers import Bench, bench, seen, vm
from tests.worlds import but, owned, owned_stopped
from vmuster.agent import journal
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.journal import EntryKind
from vmuster.model.policy import Policy
from vmuster.model.states import Drift, HostHealth, OperationKind
from vmuster.model.vm import VmRecord
from vmuster.reconcile import inflight, silence
from vmuster.server.passes import writes
from vmuster.server.talks import switchboard, telling
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.serving import SERVING

STOP = OperationKind.STOP


def at_a_bench(question: Callable[[Bench, Host], Awaitable[object]]) -> Callable[[], object]:
    """A question to a server with one host and one VM of ours on it."""

    async def ask() -> object:
        parts = await bench()
        there = await parts.host()
        await parts.adopted(there, vm(1))
        return await question(parts, there)

    return lambda: asyncio.run(ask())


async def _asked() -> object:
    """Whether an adoption is durable when its answer is there."""
    parts = await bench()
    assert await parts.report(await parts.host(), seen(vm(1))) == ""
    _ = await parts.requests.adopt(vm(1), actor="ann")
    return await parts.store.get(VmRecord, vm(1)) is not None


async def _again(parts: Bench, there: Host) -> object:
    """Whether a request under one key is one operation, though it is done by now."""
    made = await parts.requests.power(STOP, vm(1), actor="ann", key="k")
    await parts.change(await parts.operation(made), state="done")
    again = await parts.requests.power(STOP, vm(1), actor="ann", key="k")
    return again.id == made.id


async def _wished(parts: Bench, _host: Host) -> object:
    _ = await parts.requests.power(STOP, vm(1), actor="ann")
    return (await parts.record(vm(1))).desired


async def _released(parts: Bench, _host: Host) -> object:
    _ = await parts.requests.release(vm(1), actor="ann")
    return await parts.store.get(VmRecord, vm(1)) is None


async def _sent(parts: Bench, there: Host) -> object:
    """The ids under which a command is sent that is in the outbox."""
    _ = await parts.requests.power(STOP, vm(1), actor="ann")
    assert await parts.report(there, *await parts.shown(there)) == ""
    known = {row.id for row in await parts.store.find(OutboxCommand)}
    due = await telling.due(parts.context, there.id, 1, frozenset[CommandId]())
    return {command.id for command in due} <= known


async def _unwritten(parts: Bench, there: Host) -> object:
    """Whether a command is due whose set of changes was refused."""
    _ = await parts.requests.power(STOP, vm(1), actor="ann")
    store, refusing = parts.context.store, _Refusing(parts.context.store)
    parts.context.store = refusing  # pyright: ignore[reportAttributeAccessIssue]
    assert await parts.report(there, *await parts.shown(there))
    parts.context.store = store
    return await telling.due(parts.context, there.id, 1, frozenset[CommandId]()) == []


class _Refusing:
    """A store that refuses every set of changes with a command in it."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: list[Changes]) -> list[str]:
        rows = [write.after for each in changes for write in each.writes]
        refused = any(isinstance(row, OutboxCommand) for row in rows)
        return ["refused"] if refused else await self._store.commit(changes)


def unfinished() -> object:
    late = operation(STOP, deadline_at=NOW - 5, intake=0)
    return inflight.settle(late, owned().pair, 99, NOW).operation.open


def enforced() -> object:
    return but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE)).decision().command is None


def written_down() -> object:
    world = but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE))
    entries = writes._entries(world.plan(), world.recorded, NOW)  # pyright: ignore[reportPrivateUsage]
    return [entry.kind for entry in entries if entry.kind is EntryKind.COMMAND]


def back_again() -> object:
    lost = msgspec.structs.replace(
        host(), health=HostHealth.SUSPECT, flaps=1, well_since=NOW - 1e6, health_at=NOW - 1e6
    )
    return silence._held(lost, Policy(), NOW).health  # pyright: ignore[reportPrivateUsage]


async def _conversations() -> object:
    """How often an agent is brought up whose conversation ends at once."""
    brought_up = 0

    def attach(_host: Host) -> object:
        nonlocal brought_up
        brought_up += 1
        raise OSError("nobody is there")

    parts = await bench()
    board = switchboard.Switchboard(parts.context, attach)  # pyright: ignore[reportArgumentType]
    board.put_through(await parts.host())
    for _each in range(20):
        await asyncio.sleep(0)
    await board.close()
    return brought_up > 1


def torn() -> object:
    try:
        return journal._fact(b'{"type":')  # pyright: ignore[reportPrivateUsage]
    except ValueError as error:
        return str(error)


PROBES: Probes = {
    "acknowledged-before-the-commit": lambda: asyncio.run(_asked()),
    "a-repeated-request-is-another": at_a_bench(_again),
    "an-operation-never-ends": unfinished,
    "a-stop-is-not-wished": at_a_bench(_wished),
    "drift-is-never-enforced": enforced,
    "an-intent-is-not-written-down": written_down,
    "orders-are-sent-from-memory": at_a_bench(_unwritten),
    "an-order-gets-a-new-id-each-time": at_a_bench(_sent),
    "a-release-leaves-its-mark": at_a_bench(_released),
    "a-lost-host-never-comes-back": back_again,
    "a-conversation-is-begun-once": lambda: asyncio.run(_conversations()),
    "a-torn-journal-ends-the-agent": torn,
}


@pytest.mark.parametrize("bug", SERVING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
