"""Orders that a pass hands over when they are written, and when the outbox is read instead."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.agents import Agent, fresh, talking
from tests.servers import Bench, bench, vm
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.ids import HostId
from vmuster.model.messages import Orders, Reported
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, OperationKind
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Outbox(MemoryStore):
    """A store that counts how often the outbox is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        self.reads += 1
        return await super().unanswered(host)


class Passing:
    """A host with a VM of ours, and the conversation with it, to which passes hand orders over."""

    def __init__(self, store: Outbox, parts: Bench, agent: Agent) -> None:
        self.store, self.parts, self.agent = store, parts, agent
        self.teller = agent.session.teller

    async def order(self, number: int) -> OutboxCommand:
        """Somebody stops the VM, and a pass gives the order; it is not handed over yet."""
        host = await self.parts.now(self.agent.host)
        await self.parts.requests.power(OperationKind.STOP, vm(number), actor="ann")
        await self.parts.report(host, *(await self.parts.shown(host)))
        return (await self.parts.sent(vm(number)))[-1]

    def hand_over(self, *rows: OutboxCommand, begun: int | None = None) -> None:
        if begun is None:
            begun = self.parts.context.accounts.stirs(self.agent.host.id)
        self.teller.decided([row.command for row in rows], begun)

    async def sent(self) -> list[Any]:
        return [command.id for command in (await self.agent.hear(Orders)).commands]


async def adopted(agent: Agent, parts: Bench) -> None:
    """The agent has greeted, and two VMs of its host are ours, at rest."""
    await agent.greet()
    await parts.adopted(await parts.now(agent.host), vm(1), vm(2))
    for number in (1, 2):
        for mark in await parts.sent(vm(number)):
            await parts.answer(mark.id, agent.host)
    host = await parts.now(agent.host)
    await parts.report(host, *(await parts.shown(host)))
    await parts.policy(stop_grace_seconds=0)


@asynccontextmanager
async def passing() -> AsyncGenerator[Passing]:
    """A conversation to which passes hand orders over; the outbox was not read since it began."""
    store = Outbox()
    parts = await bench(store)
    async with talking(parts, await fresh(parts)) as agent:
        await adopted(agent, parts)
        store.reads = 0
        yield Passing(store, parts, agent)


async def test_what_is_handed_over_is_sent_and_nothing_is_read(anyio_backend: str) -> None:
    async with passing() as talk:
        row = await talk.order(1)
        talk.hand_over(row)
        assert await talk.sent() == [row.id]
        assert talk.store.reads == 0
        talk.hand_over(row)
        assert await talk.agent.silence(), "and once"
        talk.teller.outbox_changed()
        assert await talk.agent.silence(), "by whichever way"
        assert talk.store.reads == 1


async def test_a_pass_without_orders_leaves_the_outbox_alone(anyio_backend: str) -> None:
    async with passing() as talk:
        talk.hand_over()
        assert await talk.agent.silence()
        assert talk.store.reads == 0


async def test_what_is_in_doubt_is_read(anyio_backend: str) -> None:
    async with passing() as talk:
        row = await talk.order(1)
        begun = talk.parts.context.accounts.stirs(talk.agent.host.id)
        await Arming(talk.parts.context, talk.parts.heard).disarm(
            ArmingScope.FLEET, why="", actor="ann"
        )
        talk.hand_over(row, begun=begun)
        assert await talk.sent() == [row.id], "a person asked for it"
        assert talk.store.reads == 1


@pytest.mark.parametrize("who", ["a pass", "a person"])
async def test_whoever_says_more_before_it_is_sent_has_the_outbox_read(
    anyio_backend: str, who: str
) -> None:
    """Who may have ended the operation of an earlier pass."""
    async with passing() as talk:
        row = await talk.order(1)
        talk.hand_over(row)
        if who == "a pass":
            talk.hand_over()
        else:
            talk.teller.outbox_changed()
        assert await talk.sent() == [row.id]
        assert talk.store.reads == 1


async def test_two_passes_orders_are_read_together(anyio_backend: str) -> None:
    async with passing() as talk:
        rows = [await talk.order(number) for number in (1, 2)]
        for row in rows:
            talk.hand_over(row)
        assert sorted(await talk.sent()) == sorted(row.id for row in rows)
        assert talk.store.reads == 1


async def test_what_fails_on_the_way_is_read_from_the_outbox(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with passing() as talk:
        row = await talk.order(1)
        talk.parts.clock.set_by(3600.0)
        monkeypatch.setattr(talk.store, "commit", fails_once(talk.store))
        talk.hand_over(row)
        assert await talk.sent() == [row.id]
        assert talk.store.reads == 1


def fails_once(store: MemoryStore) -> Any:
    """The way in which `store` commits, but for the next time."""
    commit, broken = store.commit, [True]

    async def failing(changes: Any) -> list[str]:
        if broken.pop() if broken else False:
            raise Unavailable("the database does not answer")
        return await commit(changes)

    return failing


async def test_what_is_handed_over_before_the_greeting_waits_for_it(anyio_backend: str) -> None:
    async with passing() as talk:
        row = await talk.order(1)
        talk.teller.refused()
        talk.hand_over(row)
        assert await talk.agent.silence()
        assert (await talk.agent.greet()).epoch == 2
        assert await talk.sent() == [row.id]
        assert talk.store.reads == 1


class Unsure(Outbox):
    """A store that writes what it is given while `armed`, and then gives no answer."""

    armed = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        done = await super().commit(changes)
        if self.armed:
            self.armed = False
            raise Unavailable("nobody knows what was written")
        return done


async def test_what_was_written_though_nobody_knew_is_sent_all_the_same(
    anyio_backend: str,
) -> None:
    """L3: no later pass hands it over, for its operation is open; the outbox has it."""
    store = Unsure()
    parts = await bench(store)
    async with talking(parts, await fresh(parts)) as agent:
        await adopted(agent, parts)
        await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
        host = await parts.now(agent.host)
        shown = tuple(await parts.shown(host))
        store.armed = True
        await agent.say(
            Reported(
                report=HostReport(
                    host=host.id,
                    epoch=host.epoch,
                    sequence=host.sequence + 1,
                    boot_id="boot-1",
                    completeness=Completeness.COMPLETE,
                    vms=shown,
                    asked_after=parts.context.intakes.last,
                )
            )
        )
        (command,) = (await agent.hear(Orders)).commands
        assert command.id == (await parts.sent(vm(1)))[-1].id
