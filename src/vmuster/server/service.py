"""One running server: its parts, put together, from start to stop."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from vmuster.model.host import Cluster, Fleet, Host, Profile
from vmuster.model.ids import KeyId
from vmuster.ports.store import Store
from vmuster.server.checkup.doctor import Doctor
from vmuster.server.checkup.place import Surroundings
from vmuster.server.context import Context
from vmuster.server.figures.scrape import Scrape
from vmuster.server.paging import find_all
from vmuster.server.passes.recording import Recorder, RecordingPlace, Unkept
from vmuster.server.passes.settling import keep, recall
from vmuster.server.requests.api_keys import ApiKeys
from vmuster.server.requests.arming import Arming
from vmuster.server.requests.estate import Estate
from vmuster.server.requests.holds import Holds
from vmuster.server.requests.operations import Requests
from vmuster.server.requests.recordings import Recordings
from vmuster.server.requests.rehearsal import Rehearsal
from vmuster.server.requests.removal import Removal
from vmuster.server.requests.webhooks import Webhooks
from vmuster.server.secrets.credentials import Credentials, Sealer
from vmuster.server.secrets.host_keys import KeyScan
from vmuster.server.secrets.rotation import KeyRing, rotate
from vmuster.server.secrets.unmade import UnmadeKeys, Unsealed, Unsigned
from vmuster.server.talks.switchboard import Attach, Switchboard
from vmuster.server.watch.anchors import Anchors
from vmuster.server.watch.jumps import recall_jump
from vmuster.server.watch.news import News
from vmuster.server.watch.posts import Poster, Posts, Unposted
from vmuster.server.watch.streams import Streams
from vmuster.server.watch.sweep import EVERY_SECONDS, Sweep


class Service:
    """The server's parts.

    `attach` brings up an agent for a host (None: there are no agents); `keyring`, `sealer` and
    `host_keys` are what lies outside the database, and `surroundings` looks at it; `poster` posts
    to webhooks; `mint` makes what nobody can guess. `loopback_hosts`: whether hosts for demos may
    be added; `recordings`: where passes are kept (None: nowhere).
    """

    def __init__(
        self,
        context: Context,
        attach: Attach | None,
        *,
        keyring: KeyRing,
        sealer: Sealer,
        host_keys: KeyScan,
        poster: Poster,
        surroundings: Surroundings,
        mint: Callable[[], str],
        loopback_hosts: bool,
        recordings: RecordingPlace | None = None,
        sweep_seconds: float = EVERY_SECONDS,
    ) -> None:
        self.context = context
        context.recorder = Recorder(context.store, context.clock, recordings or Unkept())
        self.recordings = Recordings(context)
        self.switchboard = Switchboard(context, attach)
        self.requests = Requests(context, self.switchboard)
        self.estate = Estate(context, self.switchboard, loopback_hosts=loopback_hosts)
        self.arming = Arming(context, self.switchboard)
        self.removal = Removal(context, self.switchboard, self.requests)
        self.holds = Holds(context, self.switchboard)
        self.credentials = Credentials(context, sealer)
        self.api_keys = ApiKeys(context, mint)
        self.host_keys = host_keys
        self.sweep = Sweep(context, self.switchboard, every_seconds=sweep_seconds)
        self.news = News(context.store, context.clock)
        self.streams = Streams(context.store, context.clock, self.news)
        self.posts = Posts(context, self.news, sealer, poster)
        self.webhooks = Webhooks(context, self.posts, sealer=sealer, poster=poster, mint=mint)
        self.anchors = Anchors(context.store, context.clock)
        self.doctor = Doctor(context, sealer, surroundings)
        self._surroundings = surroundings
        self.scrape = Scrape(context, self.streams)
        self._keyring = keyring
        self._sealer = sealer
        self._poster = poster
        self._loopback_hosts = loopback_hosts
        self._tasks: list[asyncio.Task[None]] = []
        self.stopping = False

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    async def start(self) -> None:
        """Take over what the server before has left, count the hosts, and begin the conversation
        with every one on record."""
        hosts = await find_all(self.store, Host, readable=True)
        await recall(self.context, hosts)
        await self.context.intakes.reserve()
        await recall_jump(self.context)
        await self.sweep.once()
        parts = (self.sweep, self.news, self.streams, self.posts, self.anchors, self.recordings)
        endless = [part.run() for part in parts]
        self._tasks = [asyncio.create_task(each) for each in endless]
        for host in hosts:
            self.switchboard.put_through(host)

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[tuple["Service", Rehearsal]]:
        """A service like this one to make requests of in vain, and what they would change.

        Nothing is written, told, signed or made; what is refused here is refused there. It is over
        with the `async with`, and meanwhile other commits may wait: nothing slow belongs into it.
        """
        async with self.store.rehearsal() as store:
            rehearsal = Rehearsal(store)
            signer, clock = self.context.signer, self.context.clock
            service = Service(
                self.context.rehearsed(rehearsal, Unsigned(signer.key, signer.public)),
                None,
                keyring=UnmadeKeys(lambda: KeyId(clock.uuid())),
                sealer=Unsealed(self._sealer),
                host_keys=self.host_keys,
                poster=Unposted(self._poster),
                surroundings=self._surroundings,
                mint=lambda: "(a key is made in earnest only)",
                loopback_hosts=self._loopback_hosts,
                recordings=Unkept(self.context.recorder.recording),
            )
            yield service, rehearsal

    async def add_host(self, *, name: str, profile: Profile, cluster: Cluster, actor: str) -> Host:
        """As `Estate.add_host`; and the conversation with it begins."""
        host = await self.estate.add_host(name=name, profile=profile, cluster=cluster, actor=actor)
        self.switchboard.put_through(host)
        return host

    async def rotate(self, *, actor: str) -> Fleet:
        """As `rotation.rotate`."""
        return await rotate(self.context, self._keyring, self.switchboard, actor=actor)

    def stop(self) -> None:
        """Take no new request: what waits, waits no longer, and every stream ends."""
        self.stopping = True
        self.streams.stop()

    async def close(self) -> None:
        """End every conversation and let go of the database. No VM changes state by it (L11)."""
        self.streams.stop()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.posts.close()
        await self.scrape.close()
        await self.switchboard.close()
        await self.context.recorder.flush()
        if self._tasks:
            await self.anchors.once()
            await keep(self.context)
        await self.store.close()
