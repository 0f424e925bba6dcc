"""The database: shared rows, durable at a commit, with every edge at which a server may die.

The rows are those of the shipped store in memory, which the conformance suite holds against the SQL
store; every server has a store of its own over them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.ports.store import HostAsked, HostRows, Place, Row, Store, VmQuery, VmRow
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.decided import ASKING
from vmuster.sim.world.truth import Committed
from vmuster.stores.kinds import plain
from vmuster.stores.memory import MemoryStore

_COMMIT_SECONDS: Final = 0.003
_READ_SECONDS: Final = 0.002
_PAUSES: Final = 0.1
"""The share of reads that take a moment: between reading and acting the world goes on."""


class KeptStore(MemoryStore):
    """Rows that outlive every server. `given`: every command that was ever written among them,
    whatever has been dropped since, and what a person left behind with a quarantine: a copy that is
    made after that has forgotten no such thing."""

    given: frozenset[CommandId] = frozenset()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `MemoryStore.commit`."""
        refused = await super().commit(changes)
        durable = [each for each, why in zip(changes, refused, strict=True) if not why]
        rows = [write.after for each in durable for write in each.writes]
        if given := {row.id for row in rows if isinstance(row, OutboxCommand)} - self.given:
            self.given |= given  # another set: a rehearsal has the one before
        return refused

    async def close(self) -> None:
        """Keep everything."""

    def row(self, kind: type[Row], *key: object) -> Row | None:
        """As `get`, at once."""
        return self._table(kind).get(plain(key))

    def every(self, kind: type[Row]) -> Collection[Row]:
        """All rows of a kind, at once."""
        return self._table(kind).values()

    def copy(self) -> "KeptStore":
        """The rows as they are now; rows are values, and are shared."""
        other = KeptStore()
        other._tables = {kind: dict(rows) for kind, rows in self._tables.items()}
        other._end = self._end
        other.given = self.given
        return other


class Database:
    """The rows of the fleet, and what is wrong with their database.

    `away`: it answers nobody; `slow`: how much slower than usual. `next_edge`: the server dies at
    this edge of its next commit; `answers_lost`: of so many commits to come the answer is lost.
    `back_at`: when it came back last. `distrusted`: a person has noted that it was restored, and no
    server has heeded that yet. `copies`: backups, by name.
    """

    def __init__(self) -> None:
        self.rows = KeptStore()
        self.away = False
        self.back_at = 0.0
        self.slow = 1.0
        self.next_edge = ""
        self.answers_lost = 0
        self.distrusted = False
        self.copies: dict[str, KeptStore] = {}

    def row(self, kind: type[Row], *key: object) -> Row | None:
        """A row as it is now; None for none."""
        return self.rows.row(kind, *key)

    def every(self, kind: type[Row]) -> Collection[Row]:
        """All rows of a kind as they are now."""
        return self.rows.every(kind)

    def back_up(self, name: str) -> None:
        """Keep a copy under a name."""
        self.copies[name] = self.rows.copy()

    def restore(self, name: str) -> None:
        """Put the copy of this name in the place of the rows; raises `KeyError` for none."""
        self.rows = self.copies[name].copy()


class SimStore:
    """Implements `ports.store.Store` for one server's process, over the rows of `database`. `die`
    kills it."""

    def __init__(
        self,
        database: Database,
        process: Process,
        chronicle: Chronicle,
        loop: SimLoop,
        chance: Chance,
        die: Callable[[str], None],
    ) -> None:
        self.database = database
        self._process = process
        self._chronicle = chronicle
        self._loop = loop
        self._chance = chance
        self._die = die

    async def get(self, kind: type[Any], *key: object) -> Any:
        """As `Store.get`."""
        await self._read()
        return await self.database.rows.get(kind, *key)

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        """As `Store.unanswered`."""
        await self._read()
        return await self.database.rows.unanswered(host)

    async def known_on(self, host: HostId) -> Sequence[VmUuid]:
        """As `Store.known_on`."""
        await self._read()
        return await self.database.rows.known_on(host)

    async def find(self, kind: type[Any], /, **chosen: Any) -> Sequence[Any]:
        """As `Store.find`."""
        await self._read()
        return await self.database.rows.find(kind, **chosen)

    async def count(self, kind: type[Any], /, by: str, **equal: object) -> dict[object, int]:
        """As `Store.count`."""
        await self._read()
        return await self.database.rows.count(kind, by, **equal)

    async def vms(
        self, query: VmQuery, *, after: Place | None = None, limit: int = 1000
    ) -> Sequence[VmRow]:
        """As `Store.vms`."""
        await self._read()
        return await self.database.rows.vms(query, after=after, limit=limit)

    async def unseen(self) -> dict[object, int]:
        """As `Store.unseen`."""
        await self._read()
        return await self.database.rows.unseen()

    async def unread(self) -> Sequence[str]:
        """As `Store.unread`."""
        return await self.database.rows.unread()

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """As `Store.weigh`."""
        await self._read()
        return await self.database.rows.weigh(kinds)

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As `Store.load_hosts`."""
        await self._read()
        rows = await self.database.rows.load_hosts(asked, since)
        await self._read()
        return rows

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`: an edge before it, and one after it."""
        database = self.database
        await asyncio.sleep(self._chance.delay(_COMMIT_SECONDS) * database.slow)
        if database.away:
            raise Unavailable("the database does not answer")
        await self._edge("before")
        refused = await database.rows.commit(changes)
        for each, why in zip(changes, refused, strict=True):
            name, at = self._process.name, self._loop.time()
            if why:
                self._chronicle.stale(name, why)
            else:
                asking = ASKING.get()
                commit = Committed(at=at, process=name, changes=each, asking=asking)
                self._chronicle.committed(commit)
                if any(_leaves_quarantine(write) for write in each.writes):
                    database.rows.given |= frozenset(self._chronicle.truth.commands)
        await self._edge("after")
        if database.answers_lost:
            database.answers_lost -= 1
            raise Unavailable("the answer to a commit is lost")
        await asyncio.sleep(self._chance.delay(_READ_SECONDS))
        return refused

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[Store]:
        """As `Store.rehearsal`."""
        async with self.database.rows.rehearsal() as store:
            yield store

    async def close(self) -> None:
        """The rows stay."""

    async def _read(self) -> None:
        if self.database.away:
            await asyncio.sleep(_READ_SECONDS)
            raise Unavailable("the database does not answer")
        if self._chance.happens(_PAUSES):
            await asyncio.sleep(self._chance.delay(_READ_SECONDS) * self.database.slow)

    async def _edge(self, edge: str) -> None:
        if self.database.next_edge == edge:
            self.database.next_edge = ""
            self._die(f"killed {edge} a commit")
            await self._loop.never()


def _leaves_quarantine(write: Write) -> bool:
    match write.before, write.after:
        case Fleet() as before, Fleet(quarantine=None):
            return before.quarantine is not None
        case _:
            return False
