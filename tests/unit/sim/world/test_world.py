"""The whole fleet in one thread: the shipped server and agents, over everything simulated."""

import asyncio

import pytest

from tests.simworlds import SmallWorld
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.states import HostHealth, OperationKind, PowerState, VmPhase
from vmuster.server.service import Service


def test_a_vm_on_either_kind_of_host_is_seen_adopted_and_stopped() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        for vm, host in (("web", "alpha"), ("db", "beta")):
            world.hosts[host].hypervisor.define(world.vm(vm), vm, running=True)
        await asyncio.sleep(60)
        for vm in ("web", "db"):
            await small.adopt(vm)
        await asyncio.sleep(60)
        for vm in ("web", "db"):

            async def stop(service: Service, vm: str = vm) -> object:
                return await service.requests.power(OperationKind.STOP, world.vm(vm), actor="anna")

            await world.ask(stop)
        await asyncio.sleep(60)
        for vm in ("web", "db"):
            record = await small.record(vm)
            assert record is not None
            assert record.phase is VmPhase.STOPPED

    small.run(main)
    assert [(act.host, act.what) for act in small.ears.acts if act.what != "mark"] == [
        ("alpha", "shutdown"),
        ("beta", "shutdown"),
    ]
    assert all(act.command is not None for act in small.ears.acts)
    assert {run.host: run.ended is not None for run in small.ears.runs} == {
        "alpha": True,
        "beta": True,
    }


def test_a_killed_server_is_followed_by_another_that_knows_what_was_durable() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        world.hosts["beta"].hypervisor.define(world.vm("db"), "db", running=True)
        await asyncio.sleep(60)
        await small.adopt("db")
        await asyncio.sleep(30)
        first = world.server
        assert first is not None
        world.kill_server(first)
        with pytest.raises(Unavailable, match="does not answer"):
            await small.adopt("db")
        second = await world.serving()
        assert second is not first
        await asyncio.sleep(120)
        record = await small.record("db")
        assert record is not None
        assert record.power is PowerState.RUNNING

    small.run(main)
    assert small.ears.servers == ["server-1", "server-2"]


def test_a_server_that_is_stopped_changes_no_vm() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        world.hosts["alpha"].hypervisor.define(world.vm("web"), "web", running=True)
        await asyncio.sleep(60)
        server = world.server
        assert server is not None
        await world.stop_server(server)
        assert world.server is None
        await asyncio.sleep(600)

    small.run(main)
    assert small.ears.acts == []
    assert small.ears.runs[0].ended is None


def test_a_host_that_loses_its_power_is_silent_and_its_vms_are_gone() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        host = world.hosts["beta"]
        host.hypervisor.define(world.vm("db"), "db", running=True)
        await asyncio.sleep(60)
        world.power_off(host)
        assert world.truth.running("beta", world.vm("db")) is None
        await asyncio.sleep(600)
        assert (await small.host("beta")).health is HostHealth.UNREACHABLE
        (sighting,) = await small.sightings("db")
        assert sighting.power is PowerState.RUNNING, "silence is no news"
        world.power_on(host)
        await asyncio.sleep(300)
        (sighting,) = await small.sightings("db")
        assert sighting.power is PowerState.STOPPED

    small.run(main)


def test_what_the_server_says_no_to_reaches_whoever_asked() -> None:
    small = SmallWorld()

    async def main() -> None:
        with pytest.raises(Refused):
            await small.adopt("nobody")

    small.run(main)


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    digests = list[str]()
    for seed in (1, 1, 2):
        small = SmallWorld(seed)
        small.run(lambda: asyncio.sleep(300))
        digests.append(small.world.trace.digest)
    assert digests[0] == digests[1] != digests[2]
