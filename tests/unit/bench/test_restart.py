"""A restart is measured from the file to the first roll call, server after server."""

from pathlib import Path

import pytest

from bench import fleets, restart, resting
from bench.fleets import Shape
from bench.rollcall import RollCall
from bench.serving import serving
from bench.sizes import Sizes
from vmuster.model.settled import Settled
from vmuster.server.figures.labels import PassOutcome

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=2, vms=3)


async def test_every_server_gives_an_epoch_of_its_own(tmp_path: Path) -> None:
    messages = dict(await fleets.reports_of(SHAPE))
    restarts = restart.Restarts(fleets.copied(SHAPE, tmp_path), messages)
    whole = [await restarts.after_a_kill(), await restarts.after_an_end()]
    first = [*restarts.killed, *restarts.ended]
    assert all(some.cpu > one.cpu > 0 for some, one in zip(whole, first, strict=True))


async def test_what_was_settled_outlives_an_end_and_no_kill(tmp_path: Path) -> None:
    messages = dict(await fleets.reports_of(SHAPE))
    path = fleets.copied(SHAPE, tmp_path)
    restarts = restart.Restarts(path, messages)
    await restarts.after_a_kill()
    async with serving(path) as server:
        await server.greet({host: number for number, host in enumerate(messages)})
        await RollCall(server, messages, resting.EPOCH + 2).unchanged()
        passes = {how: many for how, many in server.passes().items() if many}
        assert passes == {PassOutcome.UNCHANGED: SHAPE.hosts}
        assert await server.service.store.find(Settled) == []


def test_a_plain_load_reads_every_row(tmp_path: Path) -> None:
    few = restart.load(fleets.copied(SHAPE, tmp_path))
    more = restart.load(fleets.copied(Shape(hosts=2, vms=4), tmp_path))
    assert more - few == 4  # a record and a sighting for one more VM on each


async def test_its_figures_are_told() -> None:
    result = await restart.run(Sizes(hosts=2, vms=3, repeats=1))
    assert [row.goal for row in result.rows] == [3, 3, 0, 0, 0, 0]
    assert all(row.value > 0 for row in result.rows)
