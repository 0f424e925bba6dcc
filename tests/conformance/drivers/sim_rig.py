"""The suite's hands in the world of the simulator, at the speed of ours."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from tests.conformance.drivers.simulated_rig import SimulatedRig
from vmuster.model.ids import HostUuid
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.engine.trace import Trace
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.driver import SimDriver
from vmuster.sim.world.hypervisor import SimHypervisor


class _RealTime(SimLoop):
    """The world's loop, as far as hypervisors and drivers ask for it, over a real one."""

    def time(self) -> float:
        return asyncio.get_running_loop().time() if asyncio._get_running_loop() else 0.0

    def post(self, process: Process, callback: Callable[..., object], *args: object) -> None:
        callback(*args)


class SimRig(SimulatedRig):
    hypervisor: SimHypervisor
    _other: SimHypervisor

    def __init__(self) -> None:
        self._loop = _RealTime(Chance(1))
        self._chronicle = Chronicle(self._loop, Trace(), str)
        self.hypervisor = self._hypervisor("one", 1)
        self._other = self._hypervisor("two", 2)

    def _hypervisor(self, name: str, number: int) -> SimHypervisor:
        return SimHypervisor(
            name,
            HostUuid(UUID(int=number)),
            self._chronicle,
            self._loop,
            lambda: [self.hypervisor, self._other],
        )

    def driver(self, *, call_seconds: float = 15.0) -> SimDriver:
        return self._driver(self.hypervisor, call_seconds)

    def neighbour(self) -> SimDriver:
        return self._driver(self._other, 15.0)

    def _driver(self, hypervisor: SimHypervisor, call_seconds: float) -> SimDriver:
        chance = Chance(1)
        return SimDriver(hypervisor, self._chronicle, self._loop, chance, call_seconds=call_seconds)
