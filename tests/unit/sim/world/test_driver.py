"""The simulated driver with time."""

import asyncio

import pytest

from tests.simworlds import SmallWorld
from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.model.states import Completeness
from vmuster.ports.driver import DriverError
from vmuster.sim.engine.chance import Chance
from vmuster.sim.world.driver import CALL_SECONDS, SimDriver


def driver_of(small: SmallWorld) -> SimDriver:
    world = small.world
    hypervisor = world.hosts["alpha"].hypervisor
    return SimDriver(hypervisor, world.chronicle, world.loop, Chance(1))


def test_an_answer_is_of_the_moment_of_the_look_and_may_be_old_when_it_arrives() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        driver, hypervisor = driver_of(small), world.hosts["alpha"].hypervisor
        hypervisor.define(world.vm("web"), "web", running=True)
        await driver.open(read_only=True)
        hypervisor.slow = 1000.0
        began = world.loop.time()
        asking = asyncio.ensure_future(driver.list_vms())
        while driver.began is None:  # noqa: ASYNC110  # no bell rings where a look begins
            await asyncio.sleep(0.1)
        hypervisor.destroy(world.vm("web"))
        listing = await asking
        assert (listing.completeness, listing.vms[0].active) == (Completeness.COMPLETE, True)
        assert began < driver.began < world.loop.time()

    small.run(main)


@pytest.mark.parametrize("blind", [True, False])
def test_a_process_is_seen_past_the_hypervisor_only_where_somebody_can_look(blind: bool) -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        hypervisor, web = world.hosts["alpha"].hypervisor, world.vm("web")
        driver = SimDriver(hypervisor, world.chronicle, world.loop, Chance(1), blind=blind)
        hypervisor.define(web, "web", running=True)
        await driver.open(read_only=True)
        assert len((await driver.list_vms()).vms) == 1
        hypervisor.forget_state()
        await driver.open(read_only=True)
        listing = await driver.list_vms()
        assert (listing.vms, listing.absent) == ((), (web,))
        seen_through = Completeness.COMPLETE if blind else Completeness.PARTIAL
        assert listing.completeness is seen_through

    small.run(main)


def test_a_call_that_hangs_takes_its_whole_deadline() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        driver, hypervisor = driver_of(small), world.hosts["alpha"].hypervisor
        await driver.open(read_only=True)
        hypervisor.faults.hang = Hang.BEFORE
        began = world.loop.time()
        with pytest.raises(DriverError):
            await driver.list_vms()
        assert CALL_SECONDS <= world.loop.time() - began < CALL_SECONDS + 1

    small.run(main)


def test_a_look_begins_with_its_list_and_one_that_failed_goes_into_no_report() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        driver, hypervisor = driver_of(small), world.hosts["alpha"].hypervisor
        await driver.open(read_only=True)
        _ = await driver.look([world.vm("web")])
        first = driver.began
        assert first is not None
        _ = await driver.look([world.vm("web")])
        assert driver.began == first
        _ = await driver.list_vms()
        assert driver.began is not None
        assert driver.began > first
        hypervisor.faults.listing_fails = True
        with pytest.raises(DriverError):
            _ = await driver.list_vms()
        assert driver.began is None

    small.run(main)


def test_a_look_that_fails_takes_no_list_before_it_out_of_the_report() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        driver, hypervisor = driver_of(small), world.hosts["alpha"].hypervisor
        await driver.open(read_only=True)
        _ = await driver.list_vms()
        listed = driver.began
        assert listed is not None
        hypervisor.faults.gone = True
        with pytest.raises(DriverError):
            _ = await driver.look([world.vm("web")])
        assert driver.began == listed

    small.run(main)


def test_a_look_that_fails_with_nothing_before_it_began_nothing() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        driver, hypervisor = driver_of(small), world.hosts["alpha"].hypervisor
        await driver.open(read_only=True)
        hypervisor.faults.gone = True
        with pytest.raises(DriverError):
            _ = await driver.look([world.vm("web")])
        assert driver.began is None

    small.run(main)
