"""Work that lets others run now and then."""

import asyncio
from collections.abc import Iterable

import pytest

from vmuster.server.passes.breath import Breath

pytestmark = pytest.mark.anyio


async def turns_of_others(work: Iterable[int]) -> list[int]:
    """After how many reports of this many VMs others had a turn."""
    done, turns = 0, list[int]()

    async def other() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(done)

    running = asyncio.create_task(other())
    await asyncio.sleep(0)
    breath = Breath()
    for vms in work:
        await breath.take(vms)
        done += 1
    running.cancel()
    return turns


@pytest.mark.parametrize(("vms", "turns"), [(0, [20, 40]), (50, [4, 8, 12]), (5_000, [1, 2, 3, 4])])
async def test_others_have_a_turn_after_so_much_work(vms: int, turns: list[int]) -> None:
    assert await turns_of_others([vms] * (turns[-1] + 1)) == turns


async def test_little_work_is_done_at_a_stretch() -> None:
    assert await turns_of_others([1] * 10) == []
