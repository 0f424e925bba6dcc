"""Events are measured over the shipped path: each figure is told, with its goal."""

import pytest

from bench import events
from bench.sizes import Sizes

pytestmark = pytest.mark.anyio


async def test_its_figures_are_told() -> None:
    result = await events.run(Sizes(hosts=4, vms=12, repeats=1, seconds=0.1))
    assert result.bench == "events"
    assert [row.goal for row in result.rows] == [8_000, 5, 0, 1.1]
    assert all(row.value > 0 for row in result.rows)
