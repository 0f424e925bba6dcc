"""A server that ends at a chosen edge: just before or just after its n-th write of a kind.

When it ends it takes with it what a process takes: its store, its agents' journals and their
connections to the hypervisor. What was written stays, and so do the VMs.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import msgspec

from tests.fleets import TestFleet
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.agent.loop import Agent
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.links.in_process import in_process_link
from vmuster.model.changes import Changes
from vmuster.model.commands import CommandResult
from vmuster.model.host import Host
from vmuster.model.ids import CommandId, HostId
from vmuster.ports.link import LinkEnd
from vmuster.ports.store import Store
from vmuster.wiring.outside.clock import SystemClock

_T = TypeVar("_T")
_BURIAL_SECONDS = 1.0


class Dead(Exception):
    """The server has ended: nothing of it goes on."""


class Write(StrEnum):
    """What a server writes, as far as it may end there."""

    COMMIT = "commit"
    JOURNAL = "journal"


class Edge(msgspec.Struct, frozen=True):
    """Where a server ends: at its `number`-th write of this kind, before or after it is done."""

    write: Write
    number: int
    after: bool


class Life:
    """One life of the server; without an edge it ends when it is told to. Threads share it."""

    def __init__(self, edge: Edge | None, hypervisors: Sequence[SimulatedHypervisor]) -> None:
        self.over = False
        self.written: Counter[Write] = Counter()
        self._edge = edge
        self._hypervisors = hypervisors
        self._turn = Lock()

    def check(self) -> None:
        """Raise `Dead` where the life is over."""
        if self.over:
            raise Dead

    def before(self, write: Write) -> int:
        """A write is about to be made; the number that it has."""
        with self._turn:
            self.check()
            self.written[write] += 1
            number = self.written[write]
            self._end_at(Edge(write, number, after=False))
            return number

    def after(self, write: Write, number: int) -> None:
        """A write was made."""
        with self._turn:
            self._end_at(Edge(write, number, after=True))
            self.check()

    def _end_at(self, edge: Edge) -> None:
        if edge == self._edge:
            self.over = True
            for hypervisor in self._hypervisors:
                hypervisor.faults.dead = True  # to this server: its connections are gone
            raise Dead


class MortalStore:
    """A store that ends with its server's life."""

    def __init__(self, store: Store, life: Life) -> None:
        self._store = store
        self._life = life

    async def get(self, kind: type[Any], *key: object) -> Any:
        """As `Store.get`."""
        return await self._alive(self._store.get(kind, *key))

    async def find(self, kind: type[Any], /, **chosen: Any) -> Sequence[Any]:
        """As `Store.find`."""
        return await self._alive(self._store.find(kind, **chosen))

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`; an edge."""
        number = self._life.before(Write.COMMIT)
        refused = await self._store.commit(changes)
        self._life.after(Write.COMMIT, number)
        return refused

    async def close(self) -> None:
        """As `Store.close`."""
        await self._store.close()

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        """Every other read of a store."""
        method = getattr(self._store, name)

        def read(*arguments: Any, **more: Any) -> Coroutine[Any, Any, Any]:
            return self._alive(method(*arguments, **more))

        return read

    async def _alive(self, read: Coroutine[Any, Any, _T]) -> _T:
        try:
            self._life.check()
        except Dead:
            read.close()
            raise
        found = await read
        self._life.check()
        return found


class MortalJournal(Journal):
    """An agent's journal that ends with its server's life; each write of it is an edge."""

    def __init__(self, path: Path, host: HostId, life: Life) -> None:
        super().__init__(JournalFile(path), host)
        self._life = life

    def begin(self, command: CommandId) -> None:
        """As `Journal.begin`."""
        number = self._life.before(Write.JOURNAL)
        super().begin(command)
        self._life.after(Write.JOURNAL, number)

    def end(self, result: CommandResult) -> None:
        """As `Journal.end`."""
        number = self._life.before(Write.JOURNAL)
        super().end(result)
        self._life.after(Write.JOURNAL, number)

    def hear(self, epoch: int, intake: int) -> None:
        """As `Journal.hear`; not an edge, and nothing that a dead server does."""
        self._life.check()
        super().hear(epoch, intake)


class MortalFleet(TestFleet):
    """A fleet whose first server ends at `edge`, wherever that is; the next ones live on."""

    __test__ = False

    def __init__(
        self,
        hypervisors: dict[str, SimulatedHypervisor],
        folder: Path,
        open_store: Callable[[], Store],
        edge: Edge | None,
    ) -> None:
        super().__init__(hypervisors, folder / "journals", self._open)
        self._open_store = open_store
        self.life = Life(edge, list(hypervisors.values()))
        self.deaths = 0

    async def revive(self) -> None:
        """A fresh server, which lives on, in place of one that has ended."""
        self.deaths += 1
        if self._service is not None:
            await self._bury()
        for hypervisor in self.hypervisors.values():
            hypervisor.faults.dead = False
        self.life = Life(None, ())
        await self.start()

    async def _bury(self) -> None:
        """Clear away what is left of a server; its tasks may be in the midst of failing, and it
        leaves nothing to the next one."""
        try:
            async with asyncio.timeout(_BURIAL_SECONDS):
                await self.stop()
        except (Dead, TimeoutError):
            await self.store.close()

    def _open(self) -> Any:
        return MortalStore(self._open_store(), self.life)

    def _agent(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        hypervisor = self.hypervisors[host.name]
        server_end, agent_end = in_process_link()
        agent = Agent(
            host=host.id,
            driver=SimulatedDriver(hypervisor),
            witness=SimulatedWitness(hypervisor),
            journal=MortalJournal(self.journal(host), host.id, self.life),
            link=agent_end,
            clock=SystemClock(),
        )
        return server_end, agent.run()
