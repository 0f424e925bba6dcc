"""A whole fleet in one process: the shipped server and agents over simulated hypervisors."""

import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

from tests.running import QUICK, RunningFleet
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.agent.loop import Agent
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.links.in_process import in_process_link
from vmuster.model.host import Host, SimulatedProfile
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.states import HostMode
from vmuster.ports.link import LinkEnd
from vmuster.ports.store import Store
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite
from vmuster.wiring.outside.clock import SystemClock


class TestFleet(RunningFleet):
    """A fleet over simulated hypervisors, by their names."""

    __test__ = False

    def __init__(
        self,
        hypervisors: dict[str, SimulatedHypervisor],
        journals: Path,
        reopen: Callable[[], Store],
    ) -> None:
        super().__init__(self._agent, reopen, recordings=journals / "recording")
        self.hypervisors = hypervisors
        self._journals = journals

    async def add_host(
        self, name: str, *, mode: HostMode = HostMode.MANAGE, cluster: str = "default"
    ) -> Host:
        """Add the host of this hypervisor and wait for its first complete account."""
        return await self.add(name, SimulatedProfile(name=name), mode, cluster)

    def mark(self, vm: VmUuid, generation: int | None = None) -> RawMark:
        """A good mark of this fleet: of this generation, or of the VM's last adoption."""
        given = self.generations.get(vm, 1) if generation is None else generation
        return write_mark(self.signer.mark(self.service.context.fleet.id, vm, given))

    def journal(self, host: Host) -> Path:
        """The file in which the agent of a host writes down what it does."""
        return self._journals / host.id

    def _agent(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        profile = host.profile
        name = profile.name if isinstance(profile, SimulatedProfile) else host.name
        hypervisor = self.hypervisors[name]
        server_end, agent_end = in_process_link()
        agent = Agent(
            host=host.id,
            driver=SimulatedDriver(hypervisor),
            witness=SimulatedWitness(hypervisor),
            journal=Journal(JournalFile(self.journal(host)), host.id),
            link=agent_end,
            clock=SystemClock(),
        )
        return server_end, agent.run()


class KeptStore(MemoryStore):
    """A store in memory that outlives its server."""

    async def close(self) -> None:
        """Keep everything."""


def vm_uuid() -> VmUuid:
    """A fresh uuid of a VM."""
    return VmUuid(uuid4())


@asynccontextmanager
async def running_fleet(
    *names: str,
    store: Store | None = None,
    database: Path | None = None,
    policy: dict[str, object] | None = None,
) -> AsyncGenerator[TestFleet]:
    """A service with one simulated hypervisor for each of `names`, none of them added yet.

    Over `store`, over SQLite in the file `database`, or else in memory.
    """
    hypervisors = {
        name: SimulatedHypervisor(name, HostUuid(UUID(int=number)))
        for number, name in enumerate(names, 1)
    }
    kept = store or KeptStore()
    with tempfile.TemporaryDirectory() as journals:
        fleet = TestFleet(
            hypervisors,
            Path(journals),
            (lambda: kept) if database is None else (lambda: open_sqlite(database)),
        )
        await fleet.start()
        try:
            await fleet.policy(**(QUICK | (policy or {})))
            yield fleet
        finally:
            await fleet.stop()
