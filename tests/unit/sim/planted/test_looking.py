"""Each bug of the agent's eyes: with it, something is reported that no look has shown."""

import asyncio
from uuid import UUID

import pytest

from tests.clocks import HandClock
from tests.parts import HOST, VM
from tests.probes import Probes, told_apart
from vmuster.agent.observer import Observer
from vmuster.agent.wishes import Wishes
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.ports.driver import DriverError
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.looking import LOOKING

SECOND = VmUuid(UUID(int=2))


class Post:
    """An observer before a hypervisor with two VMs, of which one runs."""

    def __init__(self, *, blind: bool = False) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        _ = self.hypervisor.define(VM, "one", running=True)
        _ = self.hypervisor.define(SECOND, "two")
        self.witness = SimulatedWitness(self.hypervisor, blind=blind)
        self.driver = SimulatedDriver(self.hypervisor, self.witness)
        self.observer = Observer(self.driver, self.witness, HOST)

    async def opened(self) -> "Post":
        _ = await self.driver.open(read_only=True)
        _ = await self.observer.observe()
        return self


async def _list(fault: str, value: object = True) -> object:
    post = await Post().opened()
    setattr(post.hypervisor.faults, fault, value)
    try:
        return (await post.driver.list_vms()).completeness
    except DriverError as error:
        return str(error)


async def _hidden() -> object:
    post = await Post().opened()
    post.hypervisor.faults.hidden.add(VM)
    return (await post.observer.observe()).absent


async def _forgotten(*, blind: bool) -> object:
    post = await Post(blind=blind).opened()
    post.hypervisor.forget_state()
    return (await post.observer.observe_some([VM])).absent


async def _unexplained() -> object:
    post = await Post().opened()
    domain = post.hypervisor.domains[SECOND]
    post.hypervisor.processes.add(SECOND)
    return (await post.observer.observe_some([domain.uuid])).vms[0].power


async def _changed() -> object:
    """What is said of a VM that was stopped after the last list."""
    post = await Post().opened()
    post.hypervisor.destroy(VM)
    return (await post.observer.observe_some([VM])).vms[0].power


async def _same() -> object:
    """What is said of a VM of which something rings, and which is as it was."""
    post = await Post().opened()
    return (await post.observer.observe_some([VM])).vms[0].power


async def _waits() -> object:
    """When a look comes that nobody wished for."""
    clock = HandClock()
    _ = await Wishes(clock).take(30.0)
    return clock.monotonic()


PROBES: Probes = {
    "an-empty-list-is-trusted": lambda: asyncio.run(_list("empty_listing")),
    "an-error-becomes-empty": lambda: asyncio.run(_list("listing_fails")),
    "a-partial-list-is-called-complete": lambda: asyncio.run(_list("sick", {VM})),
    "what-a-list-lacks-is-gone": lambda: asyncio.run(_hidden()),
    "the-witness-is-not-asked": lambda: asyncio.run(_forgotten(blind=False)),
    "a-silent-witness-says-no": lambda: asyncio.run(_forgotten(blind=True)),
    "a-stop-without-a-reason-is-believed": lambda: asyncio.run(_unexplained()),
    "a-bell-is-answered-from-memory": lambda: asyncio.run(_changed()),
    "a-bell-is-taken-for-state": lambda: asyncio.run(_same()),
    "no-look-without-a-bell": lambda: asyncio.run(_waits()),
}


@pytest.mark.parametrize("bug", LOOKING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
