"""How an agent's end and its conversation's end go together."""

import asyncio

import pytest
import structlog

from tests.servers import Bench
from tests.unit.server.talks.test_switchboard import Agents, told, until
from vmuster.ports.link import LinkEnd
from vmuster.server.talks.switchboard import Switchboard

pytestmark = pytest.mark.anyio


async def test_an_agent_that_fails_ends_its_conversation_and_says_why(parts: Bench) -> None:
    async def fails(end: LinkEnd) -> None:
        await told(end)
        raise OSError("no such device")

    host, agents = await parts.host(), Agents(parts, fails)
    board = Switchboard(parts.context, agents)
    with structlog.testing.capture_logs() as lines:
        board.put_through(host)
        await until(lambda: len(agents.attached) >= 2)
        await board.close()
    said = [line["why"] for line in lines if line["event"] == "agent failed"]
    assert set(said) == {"OSError('no such device')"}


async def test_an_agent_that_ends_with_its_conversation_has_not_failed(parts: Bench) -> None:
    async def live(end: LinkEnd) -> None:
        while True:
            await end.receive()

    host, agents = await parts.host(), Agents(parts, live)
    board = Switchboard(parts.context, agents)
    with structlog.testing.capture_logs() as lines:
        board.put_through(host)
        await until(lambda: agents.begun)
        board.begin_anew()
        await until(lambda: len(agents.attached) == 2)
        await board.close()
    assert [line for line in lines if line["event"] == "agent failed"] == []


async def test_whoever_hangs_up_waits_for_an_agent_that_is_ending_already(parts: Bench) -> None:
    """Else another one could begin beside it, with the same journal."""
    free = asyncio.Event()
    ending: list[LinkEnd] = []

    async def live(end: LinkEnd) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.append(end)
            await free.wait()

    host, agents = await parts.host(), Agents(parts, live)
    board = Switchboard(parts.context, agents)
    board.put_through(host)
    await until(lambda: agents.begun)
    board.begin_anew()
    await until(lambda: ending)
    hanging_up = asyncio.create_task(board.hang_up(host.id))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not hanging_up.done()
    free.set()
    async with asyncio.timeout(5):
        await hanging_up
    assert agents.ended == [host.id]
    assert agents.attached == [host.id]
