"""Small simulated worlds in the hand of a test."""

from collections.abc import Awaitable, Callable

from vmuster.model.host import Cluster, Host, SimulatedProfile
from vmuster.model.ids import ClusterName
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.service import Service
from vmuster.sim.world.truth import Act, Asked, Committed, Looked, Run, Silent
from vmuster.sim.world.world import World


class Ears(Silent):
    """Remembers what truly happened."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.runs: list[Run] = []
        self.looks: list[Looked] = []
        self.commits: list[Committed] = []
        self.requests: list[Asked] = []
        self.servers: list[str] = []

    def acted(self, act: Act) -> None:
        self.acts.append(act)

    def ran(self, run: Run) -> None:
        self.runs.append(run)

    def looked(self, looked: Looked) -> None:
        self.looks.append(looked)

    def committed(self, commit: Committed) -> None:
        self.commits.append(commit)

    def asked(self, asked: Asked) -> None:
        self.requests.append(asked)

    def served(self, process: str) -> None:
        self.servers.append(process)


class SmallWorld:
    """One server and the hosts `alpha` (no agent) and `beta` (an agent of its own), in manage."""

    def __init__(self, seed: int = 1) -> None:
        self.world = World(seed)
        self.ears = Ears()
        self.world.chronicle.watchers.append(self.ears)

    def run(self, main: Callable[[], Awaitable[None]]) -> None:
        """Set it up, and run `main` in it."""

        async def story() -> None:
            await self.world.serving()
            for name in ("alpha", "beta"):
                _ = self.world.add_host(name, far=name == "beta")
                await self.world.ask(lambda service, name=name: self._add(service, name))
            await main()

        self.world.run(story())

    async def _add(self, service: Service, name: str) -> None:
        cluster = await service.store.get(Cluster, ClusterName("default"))
        assert cluster is not None
        profile = SimulatedProfile(name=name)
        host = await service.add_host(name=name, profile=profile, cluster=cluster, actor="anna")
        await service.estate.set_mode(host, HostMode.MANAGE, actor="anna", shared=True)

    async def host(self, name: str) -> Host:
        """The record of a host."""
        (found,) = await self.world.database.rows.find(Host, name=name)
        return found

    async def record(self, vm: str) -> VmRecord | None:
        """The record of a VM."""
        return await self.world.database.rows.get(VmRecord, self.world.vm(vm))

    async def sightings(self, vm: str) -> list[Sighting]:
        """What was seen of a VM."""
        return list(await self.world.database.rows.find(Sighting, uuid=self.world.vm(vm)))

    async def adopt(self, vm: str) -> Operation:
        """Ask for an adoption."""
        return await self.world.ask(
            lambda service: service.requests.adopt(self.world.vm(vm), actor="anna")
        )
