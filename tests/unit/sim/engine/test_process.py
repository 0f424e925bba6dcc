"""A process holds on to its tasks."""

import asyncio

from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process


def test_tasks_that_wait_are_kept_and_done_ones_are_let_go() -> None:
    loop, process = SimLoop(Chance(1)), Process("server")

    async def main() -> None:
        waiting = [loop.spawn(process, asyncio.sleep(10_000)) for _ in range(10)]
        for _ in range(1_000):
            await loop.spawn(process, asyncio.sleep(0))
        assert all(task in process.tasks for task in waiting)
        assert len(process.tasks) < 200

    loop.run(main())
    loop.dispose([loop.world, process])
