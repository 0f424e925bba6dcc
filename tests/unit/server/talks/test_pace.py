"""How fast a server listens to a host: a flood in its turn, a storm of all as it comes."""

import pytest

from tests.clocks import HandClock
from vmuster.server.talks.pace import Pace, Shares

pytestmark = pytest.mark.anyio


class Hosts:
    """Hosts that are talked to, the first of them loud."""

    def __init__(self, number: int) -> None:
        self.clock, self.shares = HandClock(), Shares()
        self.shares.hosts = number
        self.loud, *self.others = (Pace(self.shares, self.clock) for _ in range(number))

    async def said(self, seconds: float, others_per_second: int = 0) -> int:
        """How many reports of the loud host are taken in meanwhile, while it is never short of
        some, and each of the others is taken in this often, if it may."""
        loud = each = 0
        begun = self.clock.monotonic()
        while (passed := self.clock.monotonic() - begun) < seconds:
            while not self.loud.wait_seconds():
                report(self.loud)
                loud += 1
            while each < passed * others_per_second:
                each += 1
                for other in self.others:
                    report(other)
            await self.loud.turn()
        return loud


def report(pace: Pace) -> None:
    pace.listened(200)
    pace.worked()


async def test_what_was_saved_up_is_heard_at_once_and_no_more() -> None:
    hosts = Hosts(3)
    for _ in range(10):
        assert hosts.loud.wait_seconds() == 0
        report(hosts.loud)
    assert hosts.loud.wait_seconds() == pytest.approx(0.055)
    before = hosts.clock.monotonic()
    await hosts.loud.turn()
    assert hosts.clock.monotonic() - before == pytest.approx(0.055)
    assert hosts.loud.wait_seconds() == 0


async def test_a_flood_is_heard_ten_times_a_second() -> None:
    hosts = Hosts(100)
    await hosts.said(5.0)
    assert await hosts.said(10.0) == pytest.approx(100, rel=0.1)
    assert [other.wait_seconds() for other in hosts.others] == [0] * 99


async def test_what_is_not_used_is_saved_up_to_an_end() -> None:
    hosts = Hosts(3)
    await hosts.said(5.0)
    hosts.clock.pass_by(1_000.0)
    assert await hosts.said(0.001) == pytest.approx(10, abs=1)


async def test_where_the_others_say_much_one_may_say_some_more() -> None:
    hosts = Hosts(10)
    await hosts.said(5.0, others_per_second=50)
    assert 1_000 < await hosts.said(10.0, others_per_second=50) < 2_200


async def test_a_host_among_two_does_not_raise_its_own_share() -> None:
    hosts = Hosts(2)
    await hosts.said(5.0)
    assert await hosts.said(10.0) == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize(
    ("length", "most"), [(0, 200), (10_000, 200), (262_144, 10), (8 * 1024 * 1024, 1)]
)
async def test_what_is_read_and_no_more_takes_little_for_its_length(length: int, most: int) -> None:
    hosts = Hosts(3)
    count = 0
    while not hosts.loud.wait_seconds():
        hosts.loud.listened(length)
        count += 1
    assert count == pytest.approx(most, abs=1)


async def test_a_host_counts_while_it_is_talked_to() -> None:
    shares = Shares()
    pace = Pace(shares, HandClock())
    with pace:
        assert shares.hosts == 1
    assert shares.hosts == 0
