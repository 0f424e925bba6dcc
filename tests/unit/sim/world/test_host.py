"""A simulated host's agent: one at a time, reborn when it is killed."""

import asyncio

import pytest

from tests.simworlds import SmallWorld
from vmuster.agent.observer import Observer
from vmuster.model.states import HostHealth
from vmuster.sim.world.truth import Silent


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


def test_an_agent_that_fails_by_a_mistake_of_its_own_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = SmallWorld()
    failed: list[str] = []

    class Told(Silent):
        def failed(self, process: str, error: BaseException) -> None:
            failed.append(f"{process}: {error!r}")

    small.world.chronicle.watchers.append(Told())

    async def main() -> None:
        await asyncio.sleep(30)
        first = small.world.server
        assert first is not None
        small.world.kill_server(first)  # the link is lost: that is no mistake
        _ = await small.world.serving()
        await asyncio.sleep(30)
        assert failed == []

        async def mistaken(self: Observer) -> None:
            raise KeyError("vm")

        monkeypatch.setattr(Observer, "observe", mistaken)
        await asyncio.sleep(60)

    small.run(main)
    assert failed
    assert all(said.startswith("beta-agent: ") and "KeyError" in said for said in failed)
