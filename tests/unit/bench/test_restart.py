"""A restart is measured from the file to the first roll call, server after server."""

from pathlib import Path

import pytest

from bench import fleets, restart
from bench.fleets import Shape
from bench.sizes import Sizes

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=2, vms=3)


async def test_every_server_gives_an_epoch_of_its_own(tmp_path: Path) -> None:
    messages = dict(await fleets.reports_of(SHAPE))
    restarts = restart.Restarts(fleets.copied(SHAPE, tmp_path), messages)
    whole = [await restarts.once() for _ in range(2)]
    assert len(restarts.first) == 2
    assert all(some.cpu > first.cpu > 0 for some, first in zip(whole, restarts.first, strict=True))


def test_a_plain_load_reads_every_row(tmp_path: Path) -> None:
    few = restart.load(fleets.copied(SHAPE, tmp_path))
    more = restart.load(fleets.copied(Shape(hosts=2, vms=4), tmp_path))
    assert more - few == 4  # a record and a sighting for one more VM on each


async def test_its_figures_are_told() -> None:
    result = await restart.run(Sizes(hosts=2, vms=3, repeats=1))
    assert [row.goal for row in result.rows] == [3, 3, 0]
    assert all(row.value > 0 for row in result.rows)
