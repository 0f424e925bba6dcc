"""A server in the hand of a bench takes reports in, and tells when it did not."""

from pathlib import Path

import pytest

from bench import fleets, reports, resting
from bench.counting import counting
from bench.fleets import Shape
from bench.serving import serving

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=2, vms=3)


async def test_what_is_said_is_taken_in(tmp_path: Path) -> None:
    said = dict(await fleets.reports_of(SHAPE))
    async with serving(fleets.copied(SHAPE, tmp_path)) as server:
        for host, message in said.items():
            await server.say(host, reports.later(host, message, 2))
        await server.taken_in()
        server.check()
        assert server.heard.acknowledged == 2
        assert server.passes()["taken"] == 2
        assert server.start.wall > 0


async def test_an_agent_that_greets_gets_the_next_epoch(tmp_path: Path) -> None:
    said = dict(await fleets.reports_of(SHAPE))
    async with serving(fleets.copied(SHAPE, tmp_path)) as server:
        await server.greet({host: number for number, host in enumerate(said)})
        assert server.heard.welcomes == dict.fromkeys(said, resting.EPOCH + 1)


async def test_a_report_that_is_refused_is_no_report(tmp_path: Path) -> None:
    said = dict(await fleets.reports_of(SHAPE))
    async with serving(fleets.copied(SHAPE, tmp_path)) as server:
        for host, message in said.items():
            await server.say(host, reports.later(host, message, 1))  # not newer than the last
        await server.taken_in()
        with pytest.raises(AssertionError, match="refused"):
            server.check()


async def test_many_greetings_share_what_they_cost(tmp_path: Path) -> None:
    """Fewer statements than hosts, and hardly a commit: they come at once, and are one batch."""
    many = Shape(hosts=40, vms=1)
    said = dict(await fleets.reports_of(many))
    async with serving(fleets.copied(many, tmp_path)) as server:
        with counting() as counts:
            await server.greet({host: number for number, host in enumerate(said)})
        assert 1 <= counts.commits <= 4
        assert counts.statements.total() <= many.hosts
