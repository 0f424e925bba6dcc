"""What a host takes while nothing happens: counted, since there may be ten thousand of them."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from tests.agents import FACTS
from tests.servers import Bench, seen, vm
from vmuster.links.in_process import in_process_link
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.messages import Acknowledged, Hello, Look, Reported
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.wire import decode_to_agent, encode
from vmuster.ports.link import LinkEnd
from vmuster.server.talks.switchboard import Switchboard

pytestmark = pytest.mark.anyio


class Attached:
    """Attaches agents that have no life of their own. `names`: of the hosts, as they were given."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.ends: list[LinkEnd] = []

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        server_end, agent_end = in_process_link()
        self.names.append(host.name)
        self.ends.append(agent_end)
        return server_end, asyncio.sleep(0)

    async def hear(self, kind: type[Look | Acknowledged]) -> None:
        async with asyncio.timeout(5):
            while not isinstance(decode_to_agent(await self.ends[-1].receive()), kind):
                pass


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # nothing rings when something is let go
            await asyncio.sleep(0.005)


@asynccontextmanager
async def talking(parts: Bench, host: Host) -> AsyncGenerator[Attached]:
    attached = Attached()
    board = Switchboard(parts.context, attached)
    board.put_through(host)
    await until(lambda: attached.ends)
    yield attached
    await board.close()


def report(host: Host, epoch: int) -> bytes:
    return encode(
        Reported(
            report=HostReport(
                host=host.id,
                epoch=epoch,
                sequence=1,
                boot_id="b",
                completeness=Completeness.COMPLETE,
                vms=tuple(seen(vm(number)) for number in range(1, 9)),
            )
        )
    )


async def test_a_quiet_conversation_is_one_task_and_holds_no_message(parts: Bench) -> None:
    host, before = await parts.host(), asyncio.all_tasks()
    async with talking(parts, host) as agent:
        await agent.ends[-1].send(encode(Hello(host=host.id, facts=host.facts or FACTS)))
        await until(lambda: len(asyncio.all_tasks() - before) == 1)
        message = report(host, (await parts.now(host)).epoch)
        alone = sys.getrefcount(message)
        await agent.ends[-1].send(message)
        await agent.hear(Acknowledged)
        await until(lambda: sys.getrefcount(message) == alone)
        await until(lambda: len(asyncio.all_tasks() - before) == 1)


async def test_the_row_of_a_host_is_not_held_while_it_is_talked_to(parts: Bench) -> None:
    host, attached = await parts.host(), Attached()
    board, alone = Switchboard(parts.context, attached), sys.getrefcount(host)
    board.put_through(host)
    await until(lambda: attached.ends)
    await until(lambda: sys.getrefcount(host) == alone)
    await board.close()


async def test_a_conversation_begins_anew_with_its_host_as_it_is_recorded_by_then(
    parts: Bench,
) -> None:
    host = await parts.host("alpha")
    async with talking(parts, host) as agent:
        await parts.change(host, name="beta")
        agent.ends[-1].close()
        await until(lambda: len(agent.ends) == 2)
        assert agent.names == ["alpha", "beta"]


async def test_no_conversation_is_begun_with_a_host_that_is_recorded_no_more(parts: Bench) -> None:
    host, before = await parts.host("alpha"), asyncio.all_tasks()
    async with talking(parts, host) as agent:
        write = Write(before=await parts.now(host), after=None)
        assert await parts.store.commit([Changes(writes=(write,))]) == [""]
        agent.ends[-1].close()
        await until(lambda: not asyncio.all_tasks() - before)
        assert agent.names == ["alpha"]
