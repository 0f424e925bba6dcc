"""The simulated driver with time: calls take a moment, hung ones their whole deadline."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Final

from vmuster.drivers.simulated.domain import Domain
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedWitness
from vmuster.model.host import HostFacts
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StartPermit, StopPermit, UnmarkPermit
from vmuster.ports.driver import DriverError, Listing
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.hypervisor import SimHypervisor

CALL_SECONDS: Final = 15.0
"""How long a call that hangs is waited for."""
_USUAL_SECONDS: Final = 0.01


class SimDriver(SimulatedDriver):
    """One agent's driver. `blind`: nobody can look past its hypervisor. `began`: when the looks
    began that go into the next report: the list, or where there was none the first look at single
    VMs."""

    def __init__(
        self,
        hypervisor: SimHypervisor,
        chronicle: Chronicle,
        loop: SimLoop,
        chance: Chance,
        *,
        blind: bool = False,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        super().__init__(hypervisor, SimulatedWitness(hypervisor, blind=blind))
        self.began: float | None = None
        self._host = hypervisor
        self._chronicle = chronicle
        self._loop = loop
        self._chance = chance
        self._call_seconds = call_seconds

    async def open(self, *, read_only: bool) -> HostFacts:
        """As `Driver.open`."""
        await self._there()
        facts = await super().open(read_only=read_only)
        await self._back()
        return facts

    async def ping(self) -> None:
        """As `Driver.ping`."""
        await self._there()
        await super().ping()

    async def list_vms(self) -> Listing:
        """As `Driver.list_vms`."""
        await self._there()
        return await self._told(super().list_vms(), None)

    async def look(self, vms: Collection[VmUuid]) -> Listing:
        """As `Driver.look`."""
        await self._there()
        return await self._told(super().look(vms), self.began)

    async def stop_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
    ) -> Refusal | None:
        """As `Driver.stop_vm`."""
        await self._there()
        refusal = await super().stop_vm(vm, judge)
        await self._back()
        return refusal

    async def start_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StartPermit | Refusal]
    ) -> Refusal | None:
        """As `Driver.start_vm`."""
        await self._there()
        refusal = await super().start_vm(vm, judge)
        await self._back()
        return refusal

    async def write_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], MarkPermit | Refusal]
    ) -> Refusal | None:
        """As `Driver.write_mark`."""
        await self._there()
        refusal = await super().write_mark(vm, judge)
        await self._back()
        return refusal

    async def erase_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], UnmarkPermit | Refusal]
    ) -> Refusal | None:
        """As `Driver.erase_mark`."""
        await self._there()
        refusal = await super().erase_mark(vm, judge)
        await self._back()
        return refusal

    def _mark(self, domain: Domain, live: LiveVm, mark: RawMark | None) -> None:
        super()._mark(domain, live, mark)
        self._chronicle.marked(domain, mark)

    async def _told(self, look: Coroutine[None, None, Listing], before: float | None) -> Listing:
        """What a look says. One that fails goes into no report; what was looked at `before` it
        still does, as when a list was told and the question for what it lacks was not."""
        self.began = self._loop.time() if before is None else before
        try:
            listing = await look
        except DriverError:
            self.began = before
            raise
        await self._back()
        return listing

    async def _there(self) -> None:
        """The call is on its way; one that meets a hung or unreachable daemon takes its time."""
        await asyncio.sleep(self._chance.delay(_USUAL_SECONDS) * self._host.slow)
        faults = self._host.faults
        if faults.gone or faults.hang is not Hang.NO:
            await asyncio.sleep(self._call_seconds)

    async def _back(self) -> None:
        """The answer is on its way; what it says may be old when it arrives."""
        await asyncio.sleep(self._chance.delay(_USUAL_SECONDS) * self._host.slow)
