"""What only the simulated driver can show: faults on demand, and the count of acts."""

import asyncio
from uuid import UUID

import pytest

from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.permits import Refusal, StopPermit
from vmuster.model.states import Completeness, PowerState, StopMethod
from vmuster.ports.driver import DriverError, Listing

A, B = VmUuid(UUID(int=1)), VmUuid(UUID(int=2))
HOST = HostUuid(UUID(int=9))


def running() -> SimulatedHypervisor:
    hypervisor = SimulatedHypervisor("h", HOST)
    for vm in (A, B):
        _ = hypervisor.define(vm, f"vm-{vm}", running=True)
    return hypervisor


async def opened(hypervisor: SimulatedHypervisor, *, blind: bool = False) -> SimulatedDriver:
    driver = SimulatedDriver(hypervisor, SimulatedWitness(hypervisor, blind=blind))
    _ = await driver.open(read_only=False)
    return driver


def stopping(method: StopMethod, hang: Hang = Hang.NO) -> tuple[SimulatedHypervisor, DriverError]:
    """Stop A on a hypervisor that fails at it."""
    hypervisor = running()
    hypervisor.faults.save_fails = True

    async def story() -> DriverError:
        driver = await opened(hypervisor)
        hypervisor.faults.hang = hang
        with pytest.raises(DriverError) as error:
            _ = await driver.stop_vm(A, lambda _: StopPermit(vm=A, method=method))
        return error.value

    return hypervisor, asyncio.run(story())


def test_a_sick_vm_makes_the_list_partial() -> None:
    hypervisor = running()
    hypervisor.faults.sick.add(B)

    async def story() -> Listing:
        return await (await opened(hypervisor)).list_vms()

    listing = asyncio.run(story())
    assert [vm.uuid for vm in listing.vms] == [A]
    assert (listing.completeness, len(listing.doubts)) == (Completeness.PARTIAL, 1)


def test_a_failing_list_is_an_error() -> None:
    hypervisor = running()
    hypervisor.faults.listing_fails = True

    async def story() -> None:
        with pytest.raises(DriverError) as error:
            _ = await (await opened(hypervisor)).list_vms()
        assert not error.value.broken

    asyncio.run(story())


@pytest.mark.parametrize("blind", [True, False])
def test_an_empty_list_where_vms_run_is_doubted(blind: bool) -> None:
    hypervisor = running()

    async def story() -> tuple[Listing, Listing]:
        driver = await opened(hypervisor, blind=blind)
        _ = await driver.list_vms()
        hypervisor.faults.empty_listing = True
        first = await driver.list_vms()
        return first, await driver.list_vms()

    for listing in asyncio.run(story()):
        assert listing.completeness is Completeness.PARTIAL
        assert {vm.uuid for vm in listing.vms} == {A, B}
        assert listing.doubts


@pytest.mark.parametrize(
    ("hang", "power"), [(Hang.BEFORE, PowerState.RUNNING), (Hang.AFTER, PowerState.STOPPED)]
)
def test_a_hung_act_has_an_unknown_outcome_only_if_it_began(hang: Hang, power: PowerState) -> None:
    hypervisor, error = stopping(StopMethod.FORCE, hang)
    assert (error.unknown, error.broken) == (hang is Hang.AFTER, False)
    assert hypervisor.domains[A].power is power


def test_what_nobody_can_see_is_not_called_stopped() -> None:
    hypervisor = running()
    hypervisor.destroy(A)

    async def powers(*, blind: bool) -> list[PowerState]:
        listing = await (await opened(hypervisor, blind=blind)).list_vms()
        return [vm.power for vm in listing.vms]

    # Destroyed in this life of the daemon: it says so itself.
    assert asyncio.run(powers(blind=True)) == [PowerState.STOPPED, PowerState.RUNNING]
    hypervisor.kill_daemon()
    hypervisor.start_daemon()
    assert asyncio.run(powers(blind=True)) == [PowerState.UNKNOWN, PowerState.RUNNING]
    assert asyncio.run(powers(blind=False)) == [PowerState.STOPPED, PowerState.RUNNING]


def test_a_save_that_fails_leaves_the_vm_running() -> None:
    hypervisor, error = stopping(StopMethod.SAVE)
    assert not error.unknown
    assert hypervisor.domains[A].power is PowerState.RUNNING
    assert hypervisor.acts_on(A) == 0


def test_acts_are_counted_and_refusals_are_not() -> None:
    hypervisor = running()

    async def story() -> None:
        driver = await opened(hypervisor)
        _ = await driver.stop_vm(A, lambda _: Refusal(reason="no"))
        _ = await driver.stop_vm(B, lambda _: StopPermit(vm=B, method=StopMethod.FORCE))

    asyncio.run(story())
    assert (hypervisor.acts_on(A), hypervisor.acts_on(B)) == (0, 1)
    assert hypervisor.acts[B, "force"] == 1
