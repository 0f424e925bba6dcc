"""Conversations are begun, kept up and ended; one host's troubles are no other host's."""

import asyncio
from collections.abc import Callable, Coroutine

import msgspec
import pytest
import structlog

from tests.servers import Bench
from vmuster.links.in_process import in_process_link
from vmuster.model.automation import Disarmed
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.messages import Configure, Hello, Look, ToServer, Welcome
from vmuster.model.plan import LookWish
from vmuster.model.wire import decode_to_agent, encode
from vmuster.ports.link import LinkClosed, LinkEnd
from vmuster.server.talks.switchboard import Switchboard

pytestmark = pytest.mark.anyio
Life = Callable[[LinkEnd], Coroutine[None, None, None]]


class Agents:
    """Attaches agents that greet and then live as the test says."""

    def __init__(self, parts: Bench, live: Life | None = None) -> None:
        self._parts = parts
        self._live = live or _listen
        self.attached: list[HostId] = []
        self.begun: list[HostId] = []
        self.ended: list[HostId] = []
        self.ends: dict[HostId, LinkEnd] = {}
        self.failures: list[Exception] = []

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        if self.failures:
            raise self.failures.pop()
        server_end, agent_end = in_process_link()
        self.attached.append(host.id)
        self.ends[host.id] = agent_end
        return server_end, self._life(host, agent_end)

    async def _life(self, host: Host, end: LinkEnd) -> None:
        assert host.facts is not None
        greeting: ToServer = Hello(host=host.id, facts=host.facts)
        self.begun.append(host.id)
        try:
            await end.send(encode(greeting))
            await self._live(end)
        finally:
            self.ended.append(host.id)


async def _listen(end: LinkEnd) -> None:
    """Live until the end, and hear nothing."""
    await asyncio.Event().wait()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # no bell rings for this
            await asyncio.sleep(0.005)


async def hear_look(end: LinkEnd) -> Look:
    async with asyncio.timeout(5):
        while True:
            message = decode_to_agent(await end.receive())
            if isinstance(message, Look):
                return message


async def test_a_conversation_says_nothing_of_the_request_that_began_it(parts: Bench) -> None:
    said: list[dict[str, object]] = []

    async def live(_end: LinkEnd) -> None:
        said.append(structlog.contextvars.get_contextvars())
        await asyncio.Event().wait()

    host, switchboard = await parts.host(), Switchboard(parts.context, Agents(parts, live))
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        switchboard.put_through(host)
        await until(lambda: said)
    await switchboard.close()
    assert said == [{}]


async def test_an_agent_that_fails_as_it_is_hung_up_keeps_nobody_waiting(parts: Bench) -> None:
    async def live(end: LinkEnd) -> None:
        try:
            await _listen(end)
        finally:
            raise LinkClosed

    host, agents = await parts.host(), Agents(parts, live)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    await until(lambda: agents.attached)
    async with asyncio.timeout(5):
        await board.hang_up(host.id)
    assert agents.attached == [host.id]


async def test_a_host_is_put_through_once(parts: Bench) -> None:
    host, agents = await parts.host(), Agents(parts)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    board.put_through(host)
    await until(lambda: agents.attached)
    await asyncio.sleep(0.02)
    assert agents.attached == [host.id]
    await board.close()
    assert agents.ended == [host.id]


async def test_a_question_reaches_the_host_it_is_for(parts: Bench) -> None:
    alpha, beta, agents = await parts.host("alpha"), await parts.host("beta"), Agents(parts)
    board = Switchboard(parts.context, agents)
    for host in (alpha, beta):
        board.put_through(host)
    await until(lambda: len(agents.attached) == 2)

    async def asked() -> Look:
        while True:
            board.ask(LookWish(host=beta.id))
            try:
                async with asyncio.timeout(0.1):
                    return await hear_look(agents.ends[beta.id])
            except TimeoutError:
                continue

    async with asyncio.timeout(5):
        assert (await asked()).vms == ()
    board.ask(LookWish(host=HostId("nobody")))
    board.outbox_changed(HostId("nobody"))
    board.settings_changed(HostId("nobody"))
    await board.close()


@pytest.mark.parametrize(
    "failure", [Refused("no driver for it"), OSError("disk full"), RuntimeError("a bug")]
)
async def test_a_conversation_that_cannot_begin_is_tried_again(
    parts: Bench, failure: Exception
) -> None:
    host, agents = await parts.host(), Agents(parts)
    agents.failures = [failure, failure]
    board = Switchboard(parts.context, agents)
    before = parts.clock.now()
    board.put_through(host)
    await until(lambda: agents.attached)
    assert parts.clock.now() - before >= 4, "after a pause each time"
    await board.close()


async def test_a_conversation_that_ends_is_begun_again(parts: Bench) -> None:
    async def breaks(end: LinkEnd) -> None:
        await asyncio.sleep(0.01)
        raise LinkClosed

    host, agents = await parts.host(), Agents(parts, breaks)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    await until(lambda: len(agents.begun) >= 3)
    await board.close()
    assert agents.ended == agents.begun


async def test_hanging_up_ends_one_conversation_and_leaves_the_others(parts: Bench) -> None:
    alpha, beta, agents = await parts.host("alpha"), await parts.host("beta"), Agents(parts)
    board = Switchboard(parts.context, agents)
    for host in (alpha, beta):
        board.put_through(host)
    await until(lambda: len(agents.attached) == 2)
    await board.hang_up(alpha.id)
    await board.hang_up(alpha.id)
    assert agents.ended == [alpha.id]
    board.put_through(alpha)
    await until(lambda: len(agents.attached) == 3)
    await board.close()


async def test_every_conversation_begins_anew_with_a_new_greeting(parts: Bench) -> None:
    hosts, agents = [await parts.host("alpha"), await parts.host("beta")], Agents(parts)
    board = Switchboard(parts.context, agents)
    for host in hosts:
        board.put_through(host)
    await until(lambda: len(agents.attached) == 2)
    first = [agents.ends[host.id] for host in hosts]
    for end in first:
        await told(end)
    board.begin_anew()
    await until(lambda: len(agents.attached) == 4)
    assert sorted(agents.ended) == sorted(host.id for host in hosts)
    for host in hosts:
        await told(agents.ends[host.id])
        assert (await parts.now(host)).epoch == 3
    await board.close()


async def test_questions_for_a_host_that_hears_nothing_do_not_pile_up(parts: Bench) -> None:
    host, agents = await parts.host(), Agents(parts)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    await until(lambda: agents.attached)
    tasks = len(asyncio.all_tasks())
    for _ in range(10_000):
        board.ask(LookWish(host=host.id))
    assert len(asyncio.all_tasks()) - tasks <= 64
    await board.close()


async def test_news_of_the_fleet_reaches_every_agent(parts: Bench) -> None:
    hosts, agents = [await parts.host("alpha"), await parts.host("beta")], Agents(parts)
    board = Switchboard(parts.context, agents)
    for host in hosts:
        board.put_through(host)
    await until(lambda: len(agents.attached) == 2)
    for host in hosts:
        assert await told(agents.ends[host.id]), "the welcome"
    disarmed = Disarmed(by="ann", at=1.0)
    parts.context.fleet = msgspec.structs.replace(parts.context.fleet, disarmed=disarmed)
    for host in hosts:
        assert not await told(agents.ends[host.id])
    await board.close()


async def test_a_conversation_is_over_once_its_host_is_at_a_later_epoch(parts: Bench) -> None:
    host, agents = await parts.host(), Agents(parts)
    board = Switchboard(parts.context, agents)
    board.heed_epoch(host.id, 99)  # nobody is talked to
    board.put_through(host)
    await until(lambda: agents.attached == [host.id])
    end = agents.ends[host.id]
    assert await told(end), "the welcome"
    at = (await parts.now(host)).epoch
    for epoch in (at - 1, at):
        board.heed_epoch(host.id, epoch)
        await end.send(b"")
    board.heed_epoch(host.id, at + 1)
    with pytest.raises(LinkClosed):
        await end.send(b"")
    await board.close()


async def told(end: LinkEnd) -> bool:
    """Whether automation is armed, by the next settings."""
    async with asyncio.timeout(5):
        while True:
            match decode_to_agent(await end.receive()):
                case Welcome(settings=settings) | Configure(settings=settings):
                    return settings.automatic
                case _:
                    continue


async def test_a_host_is_introduced_again_as_it_is_recorded_then(parts: Bench) -> None:
    host = await parts.host()
    agents = Agents(parts)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    await until(lambda: agents.attached == [host.id])
    first = agents.ends[host.id]
    await asyncio.gather(*(board.introduce(host.id) for _ in range(3)))
    await until(lambda: agents.ends[host.id] is not first)
    with pytest.raises(LinkClosed):
        await first.send(b"")
    await parts.store.commit([Changes(writes=(Write(before=await parts.now(host), after=None),))])
    last, attached = agents.ends[host.id], len(agents.attached)
    await board.introduce(host.id)
    with pytest.raises(LinkClosed):
        await last.send(b"")
    assert len(agents.attached) == attached
    await board.close()


async def test_without_agents_nobody_is_put_through(parts: Bench) -> None:
    host = await parts.host()
    board = Switchboard(parts.context, None)
    board.put_through(host)
    before = asyncio.all_tasks()
    await board.introduce(host.id)
    assert asyncio.all_tasks() == before
    await board.close()
