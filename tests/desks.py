"""A server that hears some hosts, over a store that counts and can be held up."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from tests.servers import Bench, bench
from vmuster.model.changes import Changes
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.messages import Delivered
from vmuster.model.report import Account, Stamp, digest_of
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.ports.store import HostAsked, HostRows
from vmuster.server.passes.hearing import Hearing
from vmuster.stores.memory import MemoryStore


class Watched(MemoryStore):
    """A store that counts what it is asked. It answers once `open`, and writes once `writable`;
    while `broken` it can't be read; what is read of `poisoned` hosts no pass can go by."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[list[HostId]] = []
        self.commits: list[int] = []
        self.open = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self.broken = False
        self.poisoned: set[HostId] = set()
        self.on_load: Callable[[], object] = lambda: None

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        self.loads.append([each.host for each in asked])
        self.on_load()
        await self.open.wait()
        if self.broken:
            raise Unavailable("the database does not answer")
        if self.poisoned.intersection(each.host for each in asked):
            raise ValueError("nobody has seen such rows")
        return await super().load_hosts(asked, since)

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.commits.append(len(changes))
        await self.writable.wait()
        return await super().commit(changes)


class Desk:
    """A server that hears some hosts."""

    def __init__(self, store: Watched, parts: Bench, hosts: Sequence[Host]) -> None:
        self.store, self.parts, self.hosts = store, parts, hosts
        self.hearing = Hearing(parts.context, parts.heard)
        self.store.commits.clear()

    async def hear(self, host: Host, sequence: int = 1, *vms: VmObservation) -> str:
        async with asyncio.timeout(10):
            return await self.hearing.hear(report(host, sequence, *vms))

    async def together(self, *said: Delivered) -> list[str | BaseException]:
        """Hear all of this at once; what each was answered, or the error."""
        async with asyncio.timeout(10):
            heard = (self.hearing.hear(each) for each in said)
            return await asyncio.gather(*heard, return_exceptions=True)

    async def begun(self, loads: int) -> None:
        """Wait until so many transactions were begun."""
        async with asyncio.timeout(10):
            while len(self.store.loads) < loads:  # noqa: ASYNC110  # no bell rings
                await asyncio.sleep(0)

    async def sequences(self) -> list[int]:
        """The number of each host's last report that was taken in."""
        return [(await self.parts.now(host)).sequence for host in self.hosts]


def report(host: Host, sequence: int = 1, *vms: VmObservation) -> Delivered:
    account = Account(boot_id="boot-1", completeness=Completeness.COMPLETE, vms=vms)
    return sent(host, sequence, msgspec.json.encode(account))


def sent(host: Host, sequence: int, account: bytes) -> Delivered:
    stamp = Stamp(host=host.id, epoch=host.epoch, sequence=sequence)
    return Delivered(stamp=stamp, account=memoryview(account), digest=digest_of(account))


async def desk_of_three() -> Desk:
    """A server that hears three hosts."""
    store = Watched()
    parts = await bench(store)
    hosts = [await parts.host(name) for name in ("alpha", "beta", "gamma")]
    store.open.set()
    return Desk(store, parts, hosts)
