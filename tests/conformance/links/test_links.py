"""What every link promises, whatever it is made of."""

import asyncio
from collections.abc import Callable

import pytest

from vmuster.links.in_process import in_process_link
from vmuster.ports.link import LinkClosed, LinkEnd

Ends = tuple[LinkEnd, LinkEnd]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=[in_process_link])
def ends(request: pytest.FixtureRequest) -> Ends:
    make: Callable[[], Ends] = request.param
    return make()


@pytest.fixture(params=["server sends", "agent sends"])
def one_way(request: pytest.FixtureRequest, ends: Ends) -> Ends:
    """The sender and the receiver, in both directions."""
    server, agent = ends
    return (server, agent) if request.param == "server sends" else (agent, server)


async def test_messages_arrive_whole_and_in_order(one_way: Ends) -> None:
    sender, receiver = one_way
    messages = [b"", b"a", bytes(range(256)), b"\n\n", b"z" * 100_000]
    for message in messages:
        await sender.send(message)
    assert [await receiver.receive() for _ in messages] == messages


async def test_a_receiver_waits_for_a_message(one_way: Ends) -> None:
    sender, receiver = one_way
    waiting = asyncio.create_task(receiver.receive())
    await asyncio.sleep(0)
    assert not waiting.done()
    await sender.send(b"at last")
    async with asyncio.timeout(5):
        assert await waiting == b"at last"


async def test_what_is_here_already_can_be_had_without_waiting(one_way: Ends) -> None:
    sender, receiver = one_way
    assert receiver.waiting() is None
    for message in (b"", b"a", b"b"):
        await sender.send(message)
    assert [receiver.waiting(), await receiver.receive(), receiver.waiting()] == [b"", b"a", b"b"]
    assert (receiver.waiting(), sender.waiting()) == (None, None)


async def test_who_takes_without_waiting_makes_room(one_way: Ends) -> None:
    sender, receiver = one_way
    with pytest.raises(TimeoutError):
        await _send_until_it_waits(sender)
    assert receiver.waiting() == b"0"
    async with asyncio.timeout(5):
        await sender.send(b"there is room")


async def test_after_a_close_nothing_is_here(one_way: Ends) -> None:
    sender, receiver = one_way
    await sender.send(b"lost")
    sender.close()
    assert receiver.waiting() is None


async def test_nobody_hears_himself(one_way: Ends) -> None:
    sender, _receiver = one_way
    await sender.send(b"an echo?")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await sender.receive()


async def test_a_sender_cannot_run_away(one_way: Ends) -> None:
    sender, receiver = one_way
    with pytest.raises(TimeoutError):
        await _send_until_it_waits(sender)
    assert await receiver.receive() == b"0"


async def _send_until_it_waits(sender: LinkEnd) -> None:
    for number in range(100_000):
        async with asyncio.timeout(0.2):
            await sender.send(b"%d" % number)


@pytest.mark.parametrize("closes", [0, 1])
async def test_a_close_wakes_both_ends(ends: Ends, closes: int) -> None:
    waiting = [asyncio.create_task(end.receive()) for end in ends]
    await asyncio.sleep(0)
    ends[closes].close()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LinkClosed, LinkClosed]


@pytest.mark.parametrize("closes", [0, 1])
async def test_after_a_close_neither_end_sends_or_receives(ends: Ends, closes: int) -> None:
    ends[closes].close()
    ends[closes].close()
    for end in ends:
        with pytest.raises(LinkClosed):
            await end.send(b"too late")
        with pytest.raises(LinkClosed):
            await end.receive()
