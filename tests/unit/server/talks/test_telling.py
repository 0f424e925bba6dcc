"""What an agent is told: each thing until it was told, in one order, and nothing twice."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.agents import fresh, talking
from tests.servers import Bench, bench, seen, vm
from vmuster.links.in_process import in_process_link
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster
from vmuster.model.ids import HostId
from vmuster.model.messages import Configure, Look, Orders
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import CommandOutcome, HostMode
from vmuster.model.vm import VmRecord
from vmuster.model.wire import decode_to_agent
from vmuster.ports.link import LinkEnd
from vmuster.ports.store import Row
from vmuster.server.talks.telling import Teller
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_orders_are_sent_once_in_each_conversation_until_they_are_answered(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        operation, orders = await agent.ordered(vm(1))
        assert [command.id for command in orders.commands] == [operation.command]
        agent.session.teller.outbox_changed()
        assert await agent.silence()
    async with talking(parts, host) as agent:
        await agent.greet()
        again = await agent.hear(Orders)
        assert [command.id for command in again.commands] == [operation.command], "the same id"
        assert again.commands[0].epoch == 1, "its evidence is as old as it was"
        await agent.answer(again)
        await agent.hear(Look)
        agent.session.teller.outbox_changed()
        assert await agent.silence()


async def test_a_welcome_says_which_vms_are_known_there_but_for_those_known_to_be_gone(
    parts: Bench,
) -> None:
    """Ours and strangers, seen or absent, and what should be there and was never seen."""
    alpha, beta = await fresh(parts), await parts.host("beta")
    async with talking(parts, alpha) as agent:
        assert (await agent.greet()).known == ()
    await parts.adopted(beta, vm(5))
    await parts.adopted(alpha, vm(1), vm(2))
    await parts.report(alpha, seen(vm(3)), seen(vm(9)))
    await parts.report(alpha, seen(vm(3)), absent=(vm(1), vm(9)))
    (home,) = await parts.store.find(VmRecord, uuid=vm(5))
    moved = msgspec.structs.replace(home, host=alpha.id)
    assert await parts.store.commit([Changes(writes=(Write(before=home, after=moved),))]) == [""]
    async with talking(parts, alpha) as agent:
        assert (await agent.greet()).known == (vm(2), vm(3), vm(5))


async def test_many_orders_travel_in_several_messages(parts: Bench) -> None:
    host = await fresh(parts)
    crowd = [seen(vm(number)) for number in range(1, 41)]
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, *crowd)
        for one in crowd:
            await parts.requests.adopt(one.uuid, actor="ann")
        agent.session.teller.outbox_changed()
        counts = [len((await agent.hear(Orders)).commands) for _ in range(2)]
    assert counts == [32, 8]


async def test_questions_and_settings_are_passed_on_once_it_is_welcome(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        teller = agent.session.teller
        teller.settings_changed()
        teller.outbox_changed()
        assert await agent.silence()
        await agent.greet()
        before = parts.clock.now()
        teller.ask(LookWish(host=host.id, vms=(vm(1),), again_after_seconds=10))
        look = await agent.hear(Look)
        assert (look.vms, look.intake) == ((vm(1),), parts.context.intakes.last)
        assert parts.clock.now() == before + 10
        await parts.policy(unknown_vms="stop-by-name", report_seconds=7)
        await parts.estate.set_mode(await parts.now(host), HostMode.OBSERVE, actor="ann")
        teller.settings_changed()
        told = (await agent.hear(Configure)).settings
    assert (told.mode, told.report_seconds) == (HostMode.OBSERVE, 7)
    assert told.grants == ((await parts.cluster()).grant,)


async def test_the_same_wish_twice_is_one_and_very_many_are_one_for_everything(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        for _ in range(100):
            agent.session.teller.ask(LookWish(host=host.id, vms=(vm(1),)))
            agent.session.teller.ask(
                LookWish(host=host.id, vms=(vm(2),), again_after_seconds=1_000)
            )
        assert [(await agent.hear(Look)).vms for _ in range(2)] == [(vm(1),), (vm(2),)]
        assert await agent.silence()
        for number in range(65):
            agent.session.teller.ask(LookWish(host=host.id, vms=(vm(number),)))
        assert [(await agent.hear(Look)).vms for _ in range(2)] == [(), (vm(64),)]
        assert await agent.silence()


async def test_looks_keep_no_order_from_being_sent(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        await parts.requests.adopt(vm(1), actor="ann")
        for number in range(1_000):
            agent.session.teller.ask(LookWish(host=host.id, vms=(vm(number),)))
        agent.session.teller.outbox_changed()
        assert len((await agent.hear(Orders)).commands) == 1


class Hesitant(MemoryStore):
    """A store that does not answer, or not at once, where it is asked for one kind of row."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: list[type[Any]] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def find(self, kind: type[Row], /, **chosen: Any) -> Sequence[Row]:
        self._fail(kind)
        return await super().find(kind, **chosen)

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        self._fail(OutboxCommand)
        return await super().unanswered(host)

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        self._fail(kind)
        row = await super().get(kind, *key)
        if kind is Cluster:
            await self.answers.wait()
        return row

    def _fail(self, kind: type[Any]) -> None:
        if kind in self.failing:
            self.failing.remove(kind)
            raise Unavailable("the database does not answer")


@pytest.mark.parametrize("kind", [OutboxCommand, Operation])
async def test_a_read_that_failed_loses_no_order(kind: type[Any], anyio_backend: str) -> None:
    store = Hesitant()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        await parts.requests.adopt(vm(1), actor="ann")
        store.failing = [kind] * 3
        with capture_logs() as logs:
            agent.session.teller.outbox_changed()
            assert len((await agent.hear(Orders)).commands) == 1
    words = [line["why"] for line in logs if line["event"] == "not told yet"]
    assert words == ["Unavailable('the database does not answer')"] * 3


async def test_a_read_that_failed_loses_neither_welcome_nor_settings(anyio_backend: str) -> None:
    store = Hesitant()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        store.failing = [Cluster] * 3
        assert (await agent.greet()).epoch == 1
        store.failing = [Cluster] * 3
        agent.session.teller.settings_changed()
        assert (await agent.hear(Configure)).settings.host == host.id


async def test_the_newest_settings_are_told_last_however_long_a_read_takes(
    anyio_backend: str,
) -> None:
    store = Hesitant()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        store.answers.clear()
        agent.session.teller.settings_changed()
        await asyncio.sleep(0)
        await parts.estate.set_mode(await parts.now(host), HostMode.OBSERVE, actor="ann")
        agent.session.teller.settings_changed()
        assert await agent.silence()
        store.answers.set()
        told = [(await agent.hear(Configure)).settings.mode for _ in range(2)]
        assert told[-1] is HostMode.OBSERVE
        assert await agent.silence()


async def test_nothing_is_told_before_the_welcome(anyio_backend: str) -> None:
    store = Hesitant()
    parts = await bench(store)
    host = await parts.host()
    ours, theirs = in_process_link()
    teller = Teller(parts.context, host.id, ours)
    store.answers.clear()
    teller.greeted(2)
    teller.outbox_changed()
    teller.ask(LookWish(host=host.id))
    await asyncio.sleep(0)
    store.answers.set()
    assert [await _kind(theirs) for _ in range(2)] == ["Welcome", "Look"]
    teller.end()


async def _kind(end: LinkEnd) -> str:
    async with asyncio.timeout(5):
        return type(decode_to_agent(await end.receive())).__name__


async def test_what_was_answered_is_remembered_no_more(parts: Bench) -> None:
    """A conversation may last for years: what it has sent is forgotten with the answer."""
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        adoption, orders = await agent.ordered(vm(1))
        unknown = await agent.answer(
            orders, CommandOutcome.FAILED, "no answer in time", unknown=True
        )
        await agent.report(1, 2, seen(vm(1)))
        answered = await parts.store.get(OutboxCommand, unknown.command)
        assert answered is not None
        assert answered.result == unknown
        anew = msgspec.structs.replace(answered, result=None, answered_at=None)
        write = Write(before=answered, after=anew)
        assert await parts.store.commit([Changes(writes=(write,))]) == [""]
        agent.session.teller.outbox_changed()
        again = await agent.hear(Orders)
        assert [command.id for command in again.commands] == [adoption.command]
