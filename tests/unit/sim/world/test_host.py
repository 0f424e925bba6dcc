"""A simulated host's agent: one at a time, reborn when it is killed."""

import asyncio

from tests.simworlds import SmallWorld
from vmuster.model.states import HostHealth


def test_an_agent_that_was_killed_is_followed_by_another_with_its_disk() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        host = world.hosts["beta"]
        await asyncio.sleep(60)
        before = (await small.host("beta")).epoch
        first = host.agent
        world.kill_agent(host)
        await asyncio.sleep(120)
        assert host.agent is not first
        record = await small.host("beta")
        assert record.epoch > before
        assert record.health is HostHealth.UP
        assert len(host.pages) == 1, "one disk, one journal"

    small.run(main)


def test_a_new_call_ends_the_one_before() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        await asyncio.sleep(60)
        server = world.server
        assert server is not None
        world.kill_server(server)
        await world.serving()
        await asyncio.sleep(60)
        assert (await small.host("beta")).health is HostHealth.UP

    small.run(main)
    welcomed = [line for line in world.trace.lines if "beta: is welcome" in line]
    assert len(welcomed) == 2
