"""A simulated hypervisor tells what truly happens, and to whom."""

import asyncio

from tests.simworlds import SmallWorld
from vmuster.sim.engine.process import Process


def test_every_beginning_and_end_of_a_process_is_written_down() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        alpha, beta = (world.hosts[name].hypervisor for name in ("alpha", "beta"))
        web, db = world.vm("web"), world.vm("db")
        alpha.define(web, "web", running=True)
        await asyncio.sleep(10)
        alpha.migrate(web, beta)
        alpha.define(db, "db", running=True)
        await asyncio.sleep(10)
        alpha.reboot()
        assert world.truth.runs_on(web, world.hosts) == ("beta",)
        assert world.truth.runs_on(db, world.hosts) == ()
        assert world.truth.ran_throughout("beta", web, world.loop.time() - 9)
        assert not world.truth.ran_throughout("beta", web, world.loop.time() - 11)

    small.run(main)
    assert [(run.host, run.ended is None) for run in small.ears.runs] == [
        ("alpha", False),
        ("beta", True),
        ("alpha", False),
    ]


def test_bells_ring_in_the_listeners_process_or_are_lost() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        hypervisor, heard = world.hosts["alpha"].hypervisor, list[str]()
        process = Process("listener")

        async def listen() -> None:
            hypervisor.listen(lambda _vm: heard.append(world.loop.current.name))

        await world.loop.spawn(process, listen())
        hypervisor.define(world.vm("a"), "a")
        await asyncio.sleep(1)
        hypervisor.bells_lost = True
        hypervisor.define(world.vm("b"), "b")
        await asyncio.sleep(1)
        assert heard == ["listener"]
        hypervisor.bells_lost = False
        world.loop.kill(process)
        hypervisor.define(world.vm("c"), "c")
        await asyncio.sleep(1)
        assert heard == ["listener"]

    small.run(main)


def test_a_vm_that_moves_is_still_the_one_that_was_adopted_and_a_copy_is_not() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        alpha, beta = (world.hosts[name].hypervisor for name in ("alpha", "beta"))
        web = world.vm("web")
        alpha.define(web, "web", running=True)
        await asyncio.sleep(60)
        await small.adopt("web")
        await asyncio.sleep(60)
        assert id(alpha.domains[web]) in world.truth.adopted
        alpha.clone(web, world.vm("copy"), "copy")
        assert id(alpha.domains[world.vm("copy")]) not in world.truth.adopted
        alpha.migrate(web, beta)
        assert id(beta.domains[web]) in world.truth.adopted

    small.run(main)


def test_a_daemon_rings_for_what_it_remembers_and_for_nothing_else() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        hypervisor, heard = world.hosts["alpha"].hypervisor, list[object]()
        vms = [world.vm(name) for name in ("kept", "mistaken", "forgotten")]
        for vm, name in zip(vms, ("kept", "mistaken", "forgotten"), strict=True):
            hypervisor.define(vm, name, running=name != "kept")
        hypervisor.forget_state()
        hypervisor.remember()
        hypervisor.forget_runs()
        await asyncio.sleep(1)
        hypervisor.listen(heard.append)
        hypervisor.remember()
        await asyncio.sleep(1)
        assert heard == vms[1:]
        hypervisor.remember()
        await asyncio.sleep(1)
        assert heard == vms[1:]
        hypervisor.forget_state()
        hypervisor.remember()
        await asyncio.sleep(1)
        assert set(heard[2:]) - {None} == set(vms)

    small.run(main)
