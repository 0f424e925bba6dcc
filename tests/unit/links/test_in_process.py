"""What the link within one process adds to what every link promises (`tests/conformance/links`)."""

import asyncio

import pytest

from vmuster.links.in_process import MESSAGES_MAX, in_process_link
from vmuster.ports.link import LinkClosed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_so_many_messages_wait_in_one_direction_and_no_more() -> None:
    server, agent = in_process_link()
    for number in range(MESSAGES_MAX):
        await server.send(b"%d" % number)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await server.send(b"one too many")
    await agent.send(b"the other way is free")
    assert await agent.receive() == b"0"
    await server.send(b"now there is room")


async def test_a_sender_that_waits_for_room_is_woken_by_the_end_of_the_link() -> None:
    server, agent = in_process_link()
    for _ in range(MESSAGES_MAX):
        await server.send(b"x")
    sending = asyncio.create_task(server.send(b"waits"))
    await asyncio.sleep(0)
    agent.close()
    async with asyncio.timeout(5):
        with pytest.raises(LinkClosed):
            await sending


async def test_a_receiver_that_gave_up_takes_no_message_with_it() -> None:
    server, agent = in_process_link()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await agent.receive()
    await server.send(b"hello")
    assert await agent.receive() == b"hello"


async def test_a_sender_that_gives_up_as_it_is_woken_hands_its_turn_on() -> None:
    server, agent = in_process_link()
    for _ in range(MESSAGES_MAX):
        await server.send(b"x")
    first, second = (asyncio.create_task(server.send(name)) for name in (b"1", b"2"))
    await asyncio.sleep(0)
    await agent.receive()
    first.cancel()
    async with asyncio.timeout(5):
        await second


async def test_who_is_sent_many_messages_lets_others_run() -> None:
    server, agent = in_process_link()
    for _ in range(MESSAGES_MAX):
        await server.send(b"x")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    for _ in range(MESSAGES_MAX):
        await agent.receive()
    counting.cancel()
    assert turns >= MESSAGES_MAX - 1
