"""A running server in the hand of a bench: what its agents say is pushed in as ready bytes.

All that the benches know of the server's inside stands here. The server is put together of the
shipped parts, over a real database file, with a conversation for each host on a link in this
process; only the agents are the bench, and do no more than send: what the server says is taken
where it says it.
Its log is written as shipped, to nowhere. The watch over silent hosts rests: it looks at every
host every few seconds, whoever reports.
"""

import asyncio
import functools
import gc
import os
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager, redirect_stderr
from pathlib import Path
from types import CoroutineType
from typing import Any, Final, Protocol

from bench.measuring import Cost
from bench.resting import facts, signer
from vmuster.links.in_process import in_process_link
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.messages import Acknowledged, Hello, Look, Orders, Welcome
from vmuster.model.wire import decode_to_agent, encode
from vmuster.ports.link import LinkEnd
from vmuster.server.context import Context
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.founding import found
from vmuster.server.service import Service
from vmuster.server.talks.switchboard import Attach
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.wholeness import leave
from vmuster.wiring.checkup.state_folder import StateFolder
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.outside.host_keys import SystemKeyScan
from vmuster.wiring.outside.posting import GuardedPoster
from vmuster.wiring.secrets.keys import fresh_key
from vmuster.wiring.secrets.sealing import FileSealer
from vmuster.wiring.secrets.signing_keys import SigningKeys
from vmuster.wiring.serving.collecting import set_aside
from vmuster.wiring.serving.logs import configure_logs
from vmuster.wiring.settings.table import Settings

_PATIENCE_SECONDS: Final = 600.0
_ACKNOWLEDGED: Final = encode(Acknowledged(epoch=1, sequence=1, intake=1)).partition(b",")[0]
"""How an acknowledgement begins, and nothing else that a server says."""
_RARELY_SECONDS: Final = 36_000.0
_BAD: Final = ("stale", "refused", "failed")
"""How a report ends that was not taken in."""


class _ServerEnd:
    """The server's end of a link in this process; what it sends is heard there and then."""

    __slots__ = ("_end", "_heard", "_host")

    def __init__(self, host: HostId, end: LinkEnd, heard: "Heard") -> None:
        self._host = host
        self._end = end
        self._heard = heard

    async def send(self, message: bytes) -> None:
        """As `LinkEnd.send`."""
        self._heard.take(self._host, message)

    def receive(self) -> "CoroutineType[Any, Any, bytes]":
        """As `LinkEnd.receive`."""
        return self._end.receive()

    def waiting(self) -> bytes | None:
        """As `LinkEnd.waiting`."""
        return self._end.waiting()

    def close(self) -> None:
        """As `LinkEnd.close`."""
        self._end.close()


class Listener(Protocol):
    """An agent's ears."""

    def ordered(self, host: HostId, orders: Orders) -> None:
        """The agent of `host` was sent commands."""
        ...

    def asked(self, host: HostId) -> None:
        """The agent of `host` was asked to look."""
        ...


class Heard:
    """What the server has said to all agents: how many reports it acknowledged, and under which
    epoch it said welcome. `listener` hears of its orders and of the looks that it asks for."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.welcomes: dict[HostId, int] = {}
        self.listener: Listener | None = None
        self._wanted = 0
        self._enough = asyncio.Event()

    def take(self, host: HostId, message: bytes) -> None:
        """One message of the server."""
        if message.startswith(_ACKNOWLEDGED):  # of these there are many: none is read
            self.acknowledged += 1
            if self.acknowledged >= self._wanted:
                self._enough.set()
            return
        match decode_to_agent(message):
            case Welcome(epoch=epoch):
                self.welcomes[host] = epoch
            case Orders() as orders if self.listener is not None:
                self.listener.ordered(host, orders)
            case Look() if self.listener is not None:
                self.listener.asked(host)
            case _:
                pass

    async def until_acknowledged(self, count: int) -> None:
        """Wait until so many reports were acknowledged, from the beginning."""
        self._wanted = count
        self._enough.clear()
        if self.acknowledged < count:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._enough.wait()


class Serving:
    """A running server, and the agents' side of each conversation with it."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.start = Cost()
        self._said = 0
        self._agents: dict[HostId, LinkEnd] = {}

    async def open(self, database: Path) -> Service:
        """The service over `database`, not yet begun."""
        self.service = await _service(database, self._attach)
        return self.service

    def _attach(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """As `switchboard.Attach`."""
        server_end, self._agents[host.id] = in_process_link()
        return _ServerEnd(host.id, server_end, self.heard), _silence()

    async def say(self, host: HostId, message: bytes) -> None:
        """The agent of `host` sends a report; it waits while its link is full."""
        self._said += 1
        await self._agents[host].send(message)

    async def taken_in(self) -> None:
        """Wait until everything that was said is taken in."""
        await self.heard.until_acknowledged(self._said)

    async def talking(self, hosts: int) -> None:
        """Wait until so many hosts are talked to."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(self._agents) < hosts:  # noqa: ASYNC110  # nothing rings when a task begins
                await asyncio.sleep(0.01)

    async def greet(self, hosts: Mapping[HostId, int]) -> None:
        """Have the agent of each host, which has this number, greet and be welcome."""
        for host, number in hosts.items():
            hello = Hello(host=host, facts=facts(number))
            await self._agents[host].send(encode(hello))
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(self.heard.welcomes) < len(hosts):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.01)

    def check(self) -> None:
        """Raise where a report was not taken in: what is refused is cheap."""
        counted = self.passes()
        bad = {why: counted[why] for why in _BAD if counted.get(why)}
        if bad:
            raise AssertionError(f"reports were not taken in: {bad}")

    def passes(self) -> dict[str, int]:
        """How many reports ended in which way, since the server began."""
        counted = self.service.context.figures.sums(PASSES, ())
        return {outcome: int(number) for (outcome,), number in counted.items()}


@asynccontextmanager
async def serving(database: Path) -> AsyncGenerator[Serving]:
    """A server over the fleet in `database`, begun as `vmuster serve` begins one; its hosts are
    talked to. How long that took stands in `Serving.start`."""
    _log_to_nowhere()
    server = Serving()
    set_aside()
    try:
        with server.start.running():
            service = await server.open(database)
        try:
            with server.start.running():
                await service.start()
                set_aside()
                await server.talking(len(service.context.weather.hosts))
            yield server
        finally:
            await service.close()
            await asyncio.to_thread(leave, database)
    finally:
        gc.unfreeze()


@functools.cache
def _log_to_nowhere() -> None:
    """Write the log as shipped, and let nobody read it; for as long as this process lives."""
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    with redirect_stderr(nowhere):
        configure_logs(as_json=False)


async def _service(database: Path, attach: Attach) -> Service:
    clock, state = SystemClock(), database.parent
    store = await asyncio.to_thread(open_sqlite, database)
    fleet = await found(store, clock, signer(), "VM")
    return Service(
        Context(store=store, clock=clock, fleet=fleet, signer=signer()),
        attach,
        keyring=SigningKeys(state / "signing.key"),
        sealer=FileSealer(state / "sealing.key"),
        host_keys=SystemKeyScan(),
        poster=GuardedPoster(()),
        surroundings=StateFolder(Settings(state_dir=state), clock),
        mint=fresh_key,
        loopback_hosts=False,
        sweep_seconds=_RARELY_SECONDS,
    )


async def _silence() -> None:
    """The life of an agent that has none of its own: what it says is pushed in."""
