"""The network of a simulation: late, cut, losing, repeating; in order where it is quiet."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vmuster.ports.link import LinkClosed
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.world.line import GIVEN_UP_SECONDS, WAITING_MAX, Line, SimEnd


class Two:
    """A link between an agent and a server, each in a process of its own."""

    def __init__(self, seed: int = 1) -> None:
        self.loop = SimLoop(Chance(seed))
        self.line = Line(Chance(seed))
        self.agent, self.server = Process("agent"), Process("server")
        self.up = SimEnd(self.loop, self.line, self.agent, up=True)
        self.down = SimEnd(self.loop, self.line, self.server, up=False)
        self.up.join(self.down)
        self.down.join(self.up)
        self.heard: list[tuple[float, bytes]] = []

    async def hear(self) -> None:
        while True:
            message = await self.down.receive()
            self.heard.append((self.loop.time(), message))

    async def say(self, count: int) -> None:
        for number in range(count):
            await self.up.send(b"%d" % number)
            await asyncio.sleep(0.01)

    def run(self, main: Callable[[], Awaitable[None]]) -> None:
        async def story() -> None:
            self.loop.spawn(self.server, self.hear())
            await main()

        self.loop.run(story())
        self.loop.dispose([self.loop.world, self.agent, self.server])

    @property
    def numbers(self) -> list[int]:
        return [int(message) for _at, message in self.heard]


def test_what_is_here_already_can_be_had_without_waiting() -> None:
    two = Two()
    seen: list[bytes] = []
    two.up.on_receive = seen.append

    async def main() -> None:
        assert two.up.waiting() is None
        await two.down.send(b"first")
        await two.down.send(b"second")
        assert two.up.waiting() is None, "it is on its way"
        await asyncio.sleep(60)
        assert [two.up.waiting(), two.up.waiting(), two.up.waiting()] == [b"first", b"second", None]

    two.run(main)
    assert seen == [b"first", b"second"]


def test_a_quiet_line_is_late_and_keeps_the_order() -> None:
    two = Two()

    async def main() -> None:
        await two.loop.spawn(two.agent, two.say(500))
        await asyncio.sleep(60)

    two.run(main)
    assert two.numbers == list(range(500))
    assert two.heard[0][0] > 0.0


def test_an_unruly_one_loses_repeats_and_overtakes() -> None:
    two = Two()
    two.line.lost, two.line.repeated, two.line.overtaken = 0.1, 0.1, 0.1

    async def main() -> None:
        await two.loop.spawn(two.agent, two.say(500))
        await asyncio.sleep(60)

    two.run(main)
    assert 400 < len(set(two.numbers)) < 480
    assert len(two.numbers) > len(set(two.numbers))
    assert two.numbers != sorted(two.numbers)


def test_what_is_sent_over_a_short_cut_arrives_when_it_is_over() -> None:
    two = Two()

    async def main() -> None:
        two.line.up_cut = True
        await two.loop.spawn(two.agent, two.say(3))
        await asyncio.sleep(10)
        assert two.heard == []
        two.line.up_cut = False
        await asyncio.sleep(5)

    two.run(main)
    assert two.numbers == [0, 1, 2]
    assert two.heard[0][0] >= 10


def test_a_long_cut_ends_the_connection_at_both_ends() -> None:
    two = Two()

    async def main() -> None:
        two.line.up_cut = True
        await two.loop.spawn(two.agent, two.say(1))
        await asyncio.sleep(GIVEN_UP_SECONDS + 5)

    two.run(main)
    assert (two.up.closed, two.down.closed, two.heard) == (True, True, [])


def test_the_other_way_goes_on_where_one_way_is_cut() -> None:
    two = Two()
    two.line.down_cut = True

    async def main() -> None:
        await two.loop.spawn(two.agent, two.say(3))
        await asyncio.sleep(5)

    two.run(main)
    assert two.numbers == [0, 1, 2]


def test_an_end_that_closed_is_noticed_by_the_other() -> None:
    two = Two()

    async def main() -> None:
        two.up.close()
        assert not two.down.closed
        await asyncio.sleep(1)
        assert two.down.closed
        with pytest.raises(LinkClosed):
            await two.down.send(b"")
        with pytest.raises(LinkClosed):
            await two.up.receive()

    two.run(main)


def test_a_killed_process_is_noticed_over_a_cut_line_at_last() -> None:
    two = Two()

    async def main() -> None:
        two.line.up_cut = True
        two.loop.kill(two.agent)
        two.up.gone_with_its_process()
        await asyncio.sleep(GIVEN_UP_SECONDS - 1)
        assert not two.down.closed
        await asyncio.sleep(2)
        assert two.down.closed

    two.run(main)


def test_who_sends_more_than_is_received_waits() -> None:
    two = Two()

    async def main() -> None:
        two.loop.freeze(two.server)
        saying = two.loop.spawn(two.agent, two.say(WAITING_MAX + 100))
        await asyncio.sleep(60)
        assert not saying.done()
        two.loop.thaw(two.server)
        await asyncio.sleep(60)
        assert saying.done()

    two.run(main)
    assert two.numbers == list(range(WAITING_MAX + 100))


def test_what_a_cut_has_held_up_arrives_in_its_order_before_what_comes_later() -> None:
    two = Two()
    two.line.up_cut = True

    async def main() -> None:
        saying = two.loop.spawn(two.agent, two.say(300))
        await asyncio.sleep(2.5)
        assert two.numbers == []
        two.line.up_cut = False
        await saying
        await asyncio.sleep(60)

    two.run(main)
    assert two.numbers == list(range(300))
