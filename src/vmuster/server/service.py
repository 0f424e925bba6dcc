"""One running server: its parts, put together, from start to stop."""

from typing import Final

from vmuster.model.host import Cluster, Host, Profile
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.estate import Estate
from vmuster.server.operations import Requests
from vmuster.server.switchboard import Attach, Switchboard

_HOSTS_MAX: Final = 100_000


class Service:
    """The server's parts. `attach` brings up an agent for a host."""

    def __init__(self, context: Context, attach: Attach, *, loopback_hosts: bool) -> None:
        self.context = context
        self.switchboard = Switchboard(context, attach)
        self.requests = Requests(context, self.switchboard)
        self.estate = Estate(context, self.switchboard, loopback_hosts=loopback_hosts)

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    async def start(self) -> None:
        """Begin the conversation with every host on record."""
        await self.context.intakes.reserve()
        for host in await self.store.find(Host, limit=_HOSTS_MAX):
            self.switchboard.put_through(host)

    async def add_host(self, *, name: str, profile: Profile, cluster: Cluster, actor: str) -> Host:
        """As `Estate.add_host`; and the conversation with it begins."""
        host = await self.estate.add_host(name=name, profile=profile, cluster=cluster, actor=actor)
        self.switchboard.put_through(host)
        return host

    async def close(self) -> None:
        """End every conversation and let go of the database. No VM changes state by it (L11)."""
        await self.switchboard.close()
        await self.store.close()
