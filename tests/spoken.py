"""A small simulated world in which things happen by their sentences, whatever they are."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.simworlds import SmallWorld
from vmuster.drivers.simulated.domain import Domain
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName
from vmuster.model.operations import Operation
from vmuster.sim.verbs.faults.all import FAULTS
from vmuster.sim.verbs.hands.all import HANDS
from vmuster.sim.verbs.requests.all import REQUESTS
from vmuster.sim.verbs.settings.all import SETTINGS
from vmuster.sim.verbs.verb import Grammar
from vmuster.sim.world.hypervisor import SimHypervisor

GRAMMAR = Grammar((*SETTINGS, *REQUESTS, *HANDS, *FAULTS))
PATIENCE_SECONDS = 600


class Spoken(SmallWorld):
    """Things are said, and happen."""

    async def say(self, *sentences: str) -> None:
        """Have it happen, one after the other."""
        for sentence in sentences:
            await GRAMMAR.do(self.world, GRAMMAR.step(sentence, None))

    async def until(self, condition: Callable[[], Awaitable[object]]) -> None:
        """Wait until it is so, in the world's own time."""
        for _ in range(PATIENCE_SECONDS):
            if await condition():
                return
            await asyncio.sleep(1)
        raise AssertionError("it never came to be so")

    async def settled(self) -> None:
        """Wait until no operation is open."""
        await self.until(self._none_open)

    async def _none_open(self) -> bool:
        found = await self.world.database.rows.find(Operation)
        return not any(operation.open for operation in found)

    def hypervisor(self, host: str) -> SimHypervisor:
        return self.world.hosts[host].hypervisor

    def domain(self, vm: str, host: str) -> Domain | None:
        """A VM on a host, as its daemon knows it."""
        return self.hypervisor(host).domains.get(self.world.vm(vm))

    def runs(self, vm: str, host: str) -> bool:
        """Whether a process of it is there, by the truth."""
        return self.world.truth.running(host, self.world.vm(vm)) is not None

    async def fleet(self) -> Fleet:
        found = await self.world.database.rows.get(Fleet)
        assert found is not None
        return found

    async def cluster(self, name: str = "default") -> Cluster:
        found = await self.world.database.rows.get(Cluster, ClusterName(name))
        assert found is not None
        return found

    async def operations(self, vm: str) -> list[Operation]:
        """Every operation of a VM, oldest first."""
        found = await self.world.database.rows.find(Operation, vm=self.world.vm(vm))
        return sorted(found, key=lambda operation: operation.created_at)


def played(main: Callable[[Spoken], Awaitable[None]], seed: int = 1) -> None:
    """Run `main` in a world of its own: hosts alpha (no agent) and beta (an agent), in manage."""
    small = Spoken(seed)
    small.run(lambda: main(small))
