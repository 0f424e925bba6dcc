"""The shipped server as `vmuster serve` puts it together, with hosts on other machines."""

from pathlib import Path

from tests.running import QUICK, RunningFleet
from vmuster.client.profile import DEFAULT_URL
from vmuster.model.host import Cluster, Host, Profile
from vmuster.model.ids import ClusterName
from vmuster.model.keys import CredentialKind
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.outside.agents import InProcessAgents
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.serving.assembling import assemble
from vmuster.wiring.settings.table import Settings

POLICY = QUICK | {"report_seconds": 0.3, "stop_grace_seconds": 3.0}


class FarFleet(RunningFleet):
    """The shipped service over a state folder, as `vmuster serve` puts it together."""

    def __init__(self, state: Path) -> None:
        self.settings = Settings(state_dir=state, allow_loopback_hosts=True, call_seconds=3.0)
        # `start` brings both: this is what they are without it.
        super().__init__(InProcessAgents(SystemClock(), state, 3.0), MemoryStore)

    async def start(self) -> None:
        self._service = await assemble(self.settings, DEFAULT_URL)
        await self.service.start()

    async def keep(self, name: str, kind: CredentialKind, secret: bytes) -> None:
        await self.service.credentials.put(name, kind, secret, actor="anna")

    async def add_unheard(self, name: str, profile: Profile) -> Host:
        """Add a host that gives no account."""
        cluster = await self.store.get(Cluster, ClusterName("default"))
        assert cluster is not None
        return await self.service.add_host(
            name=name, profile=profile, cluster=cluster, actor="anna"
        )

    async def trouble(self, host: Host, *words: str) -> str:
        """Wait until a host's trouble is said in these words."""

        async def said() -> str:
            trouble = (await self.now(host)).trouble
            return trouble if all(word in trouble for word in words) else ""

        return await self.until(said)
