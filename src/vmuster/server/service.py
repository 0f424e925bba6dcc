"""One running server: its parts, put together, from start to stop."""

import asyncio
from contextlib import suppress

from vmuster.model.host import Cluster, Fleet, Host, Profile
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.requests.arming import Arming
from vmuster.server.requests.estate import Estate
from vmuster.server.requests.holds import Holds
from vmuster.server.requests.operations import Requests
from vmuster.server.requests.removal import Removal
from vmuster.server.secrets.credentials import Credentials, Sealer
from vmuster.server.secrets.host_keys import KeyScan
from vmuster.server.secrets.rotation import KeyRing, rotate
from vmuster.server.talks.switchboard import Attach, Switchboard
from vmuster.server.watch.sweep import EVERY_SECONDS, Sweep


class Service:
    """The server's parts.

    `attach` brings up an agent for a host; `keyring`, `sealer` and `host_keys` are what lies
    outside the database. `loopback_hosts`: whether hosts for demos may be added.
    """

    def __init__(
        self,
        context: Context,
        attach: Attach,
        *,
        keyring: KeyRing,
        sealer: Sealer,
        host_keys: KeyScan,
        loopback_hosts: bool,
        sweep_seconds: float = EVERY_SECONDS,
    ) -> None:
        self.context = context
        self.switchboard = Switchboard(context, attach)
        self.requests = Requests(context, self.switchboard)
        self.estate = Estate(context, self.switchboard, loopback_hosts=loopback_hosts)
        self.arming = Arming(context, self.switchboard)
        self.removal = Removal(context, self.switchboard, self.requests)
        self.holds = Holds(context, self.switchboard)
        self.credentials = Credentials(context, sealer)
        self.host_keys = host_keys
        self.sweep = Sweep(context, self.switchboard, every_seconds=sweep_seconds)
        self._keyring = keyring
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    async def start(self) -> None:
        """Count the hosts, and begin the conversation with every one on record."""
        await self.context.intakes.reserve()
        await self.sweep.once()
        self._sweeping = asyncio.create_task(self.sweep.run())
        for host in await find_all(self.store, Host, readable=True):
            self.switchboard.put_through(host)

    async def add_host(self, *, name: str, profile: Profile, cluster: Cluster, actor: str) -> Host:
        """As `Estate.add_host`; and the conversation with it begins."""
        host = await self.estate.add_host(name=name, profile=profile, cluster=cluster, actor=actor)
        self.switchboard.put_through(host)
        return host

    async def rotate(self, *, actor: str) -> Fleet:
        """As `rotation.rotate`."""
        return await rotate(self.context, self._keyring, self.switchboard, actor=actor)

    async def close(self) -> None:
        """End every conversation and let go of the database. No VM changes state by it (L11)."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeping
        await self.switchboard.close()
        await self.store.close()
