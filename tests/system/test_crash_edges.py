"""A server that ends at every edge of its work, one after the other: F01 to F05, F08.

One story is told again and again: a host is added, a VM adopted, stopped, started, crashed and
started again by itself, shut down, released; policies change in between. In each telling the
server ends at one write: before or after the n-th commit, or the n-th write of its agent's
journal. A fresh server over the same database and the same hypervisor goes on, and whoever got no
answer asks again; the telling ends with the step in which the server ended. What happened to the
VM must be the same every time.
"""

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeVar
from uuid import UUID

import pytest
import structlog

from tests.effort import examples
from tests.fleets import QUICK
from tests.mortal import Dead, Edge, MortalFleet, Write
from vmuster.drivers.simulated.hypervisor import Domain, SimulatedHypervisor
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused
from vmuster.model.host import Host, SimulatedProfile
from vmuster.model.ids import HostUuid, OperationId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode, OperationKind, OperationState, PowerState
from vmuster.model.vm import Sighting
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.store import SqlStore

_T = TypeVar("_T")
OURS, ALIEN, LOOKALIKE, COPY = (VmUuid(UUID(int=number)) for number in (1, 2, 3, 4))
RUNNING, STOPPED, CRASHED = PowerState.RUNNING, PowerState.STOPPED, PowerState.CRASHED
AS_ALWAYS = [RUNNING, STOPPED, RUNNING, CRASHED, RUNNING, STOPPED]
HASTY: dict[str, object] = {"operation_seconds": 4.0, "stop_grace_seconds": 1.0}
"""For adoptions and automatic acts: where nobody knows their end, their deadline is waited for."""
PATIENT: dict[str, object] = {"operation_seconds": 30.0}
POLICY = QUICK | HASTY | {"restart_backoff_seconds": 0.1}
AT_THE_SAME_MOMENT = "is no longer current"
EDGES: dict[tuple[Write, bool], tuple[int, int]] = {
    (Write.COMMIT, False): (1, 4),
    (Write.COMMIT, True): (3, 4),
    (Write.JOURNAL, False): (2, 2),
    (Write.JOURNAL, True): (1, 1),
}
"""The first edge and the step to the next one, by the write and whether it is done; all of them
with `--all`. Before a journal's odd writes nothing was begun: an order was lost, and no more."""
AT_ONCE = 2
"""Stories told at the same time: they wait more than they work."""
ONE_OPENS = Lock()


class Teller:
    """One telling: an operator who goes on after the server has ended, and what was seen."""

    def __init__(self, fleet: MortalFleet) -> None:
        self.fleet = fleet
        self.alpha = fleet.hypervisors["alpha"]
        self.acknowledged: dict[OperationId, Operation] = {}
        self.powers: list[PowerState] = []
        self.strangers: dict[VmUuid, Domain] = {}
        self._keys = itertools.count(1)
        self.alpha.define(OURS, "db-01", running=True)
        self.alpha.define(ALIEN, "Windows 7 (32-bit) (1)", running=True)
        self.alpha.define(LOOKALIKE, "i-2-77-VM", running=True)
        self._note(OURS)
        self.alpha.listen(self._note)

    def _note(self, vm: VmUuid | None) -> None:
        power = self.alpha.domains[OURS].power
        if vm == OURS and self.powers[-1:] != [power]:
            self.powers.append(power)

    async def tell(self) -> None:
        """The story: to its end, or to that of the step in which the server ended.

        After each step the VM has been in that many power states.
        """
        fleet = self.fleet
        steps: tuple[tuple[int, Callable[[], Awaitable[object]]], ...] = (
            (1, lambda: self._surely(lambda: fleet.policy(**POLICY))),
            (1, lambda: self._surely(self._add_host)),
            (1, lambda: self._surely(self._manage)),
            (1, lambda: self._surely(self._seen)),
            (1, lambda: self._ask(OperationKind.ADOPT)),
            (1, lambda: self._surely(lambda: fleet.policy(**PATIENT))),
            (1, self._copy_by_hand),
            (2, lambda: self._ask(OperationKind.STOP, force=True)),
            (3, lambda: self._ask(OperationKind.START)),
            (3, lambda: self._surely(lambda: fleet.policy(restart="on-crash", **HASTY))),
            (5, self._crash_by_hand),
            (5, lambda: self._surely(lambda: fleet.policy(restart="never", **PATIENT))),
            (6, lambda: self._ask(OperationKind.STOP)),
            (6, lambda: self._ask(OperationKind.RELEASE)),
        )
        for powers, step in steps:
            await step()
            assert self.powers == AS_ALWAYS[:powers]
            if fleet.deaths:
                return

    async def check(self) -> None:
        """What must be true at the end of every telling, and stay so."""
        before = list(self.powers)
        await self._surely(self._two_passes)
        assert self.powers == before
        for asked in self.acknowledged.values():
            known = await self._surely(lambda id_=asked.id: self.fleet.store.get(Operation, id_))
            assert known is not None
            assert not known.open
            assert (known.vm, known.kind) == (asked.vm, asked.kind)
        acts = self.alpha.acts
        assert acts[OURS, "start"] == self.powers.count(RUNNING) - 1, "the first was by hand"
        assert acts[OURS, "force"] == min(1, self.powers.count(STOPPED))
        assert {vm for vm, _ in acts} <= {OURS}
        assert {vm: self.alpha.domains[vm] for vm in self.strangers} == self.strangers

    async def known(self) -> str:
        """What the database knows now, in words for a failure."""
        store = self.fleet.store
        rows = (
            *await store.find(Host),
            *await store.find(Operation),
            *await store.find(OutboxCommand),
            *await store.find(JournalEntry),
        )
        return "\n".join(map(repr, rows))

    async def _two_passes(self) -> None:
        for host in await self.fleet.store.find(Host):
            await self.fleet.passes(host, 2)

    async def _copy_by_hand(self) -> None:
        self.alpha.clone(OURS, COPY, "copy-of-db-01")
        self.alpha.start(COPY)
        self.strangers = {vm: replace(self.alpha.domains[vm]) for vm in (ALIEN, LOOKALIKE, COPY)}

    async def _crash_by_hand(self) -> None:
        """It crashes, and is started again by itself."""
        await self._surely(lambda: self.fleet.recorded(OURS, power=RUNNING))
        self.alpha.crash(OURS)
        await self._surely(self._runs_again)

    async def _surely(self, step: Callable[[], Awaitable[_T]]) -> _T:
        """The step; where the server ends in it, once more with the next server."""
        while True:
            try:
                return await step()
            except Dead:
                await self.fleet.revive()

    async def _ask(self, kind: OperationKind, *, force: bool = False) -> None:
        """The request, done. One that failed because the server ended is asked anew."""
        while True:
            key = f"request-{next(self._keys)}"
            operation = await self._surely(lambda key=key: self._request(kind, key, force=force))
            self.acknowledged[operation.id] = operation
            ended = await self._surely(lambda wanted=operation: self.fleet.done(wanted))
            if ended.state is OperationState.DONE:
                return
            assert self.fleet.deaths, f"failed for no reason: {ended.message}"

    async def _request(self, kind: OperationKind, key: str, *, force: bool) -> Operation:
        """Ask; once more where a pass wrote the record at the same moment."""
        requests = self.fleet.service.requests
        while True:
            try:
                match kind:
                    case OperationKind.ADOPT:
                        return await requests.adopt(OURS, actor="anna", key=key)
                    case OperationKind.RELEASE:
                        return await requests.release(OURS, actor="anna", key=key)
                    case _:
                        return await requests.power(kind, OURS, actor="anna", force=force, key=key)
            except Refused as refused:
                if AT_THE_SAME_MOMENT not in refused.message:
                    raise

    async def _add_host(self) -> None:
        """Add the host, unless the server ended after it had been added."""
        if not await self.fleet.store.find(Host, name="alpha"):
            await self.fleet.add(
                "alpha", SimulatedProfile(name="alpha"), HostMode.OBSERVE, "default"
            )

    async def _manage(self) -> None:
        (host,) = await self.fleet.store.find(Host, name="alpha")
        try:
            await self.fleet.mode(host, HostMode.MANAGE)
        except Refused as refused:
            if AT_THE_SAME_MOMENT not in refused.message:
                raise
            await self._manage()

    async def _seen(self) -> None:
        await self.fleet.until(lambda: self.fleet.store.find(Sighting, uuid=OURS, absent=False))

    async def _runs_again(self) -> None:
        async def runs() -> bool:
            record = await self.fleet.record(OURS)
            return self.powers[-2:] == [CRASHED, RUNNING] and record.power is RUNNING

        await self.fleet.until(runs)


@contextmanager
def silence() -> Generator[None]:
    """Servers that end are loud about it."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()


def opened(database: Path) -> SqlStore:
    """The database, brought to the present schema: by one at a time, the library can't do more."""
    with ONE_OPENS:
        return open_sqlite(database)


@asynccontextmanager
async def telling(folder: Path, edge: Edge | None) -> AsyncGenerator[Teller]:
    """A teller over a fresh database and a fresh hypervisor."""
    alpha = SimulatedHypervisor("alpha", HostUuid(UUID(int=1)))
    fleet = MortalFleet({"alpha": alpha}, folder, lambda: opened(folder / "vmuster.db"), edge)
    try:
        await fleet.start()
    except Dead:
        await fleet.revive()
    try:
        yield Teller(fleet)
    finally:
        await fleet.stop()


async def told(folder: Path, edge: Edge | None) -> MortalFleet:
    """The story with the server's end at this edge."""
    async with telling(folder, edge) as teller:
        try:
            await teller.tell()
            await teller.check()
        except Exception as error:
            error.add_note(f"the server ended at {edge}; the VM was {teller.powers}")
            error.add_note(await teller.known())
            raise
        return teller.fleet


def test_without_an_end_the_story_is_as_always(tmp_path: Path) -> None:
    fleet = asyncio.run(told(tmp_path / "story", None))
    assert fleet.deaths == 0
    assert fleet.life.written[Write.COMMIT] > 20
    assert fleet.life.written[Write.JOURNAL] == 12, "six commands, each begun and ended"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", list(Write))
def test_whichever_write_the_server_ends_at_nothing_is_lost_or_doubled(
    write: Write, after: bool, tmp_path: Path
) -> None:
    async def all_edges() -> int:
        whole = await told(tmp_path / "whole", None)
        turns = asyncio.Semaphore(AT_ONCE)

        async def at(number: int) -> int:
            async with turns:
                fleet = await told(tmp_path / str(number), Edge(write, number, after))
                return fleet.deaths

        first, step = (1, 1) if examples(1) > 1 else EDGES[write, after]
        edges = range(first, whole.life.written[write] + 1, step)
        async with asyncio.TaskGroup() as group:
            tellings = [group.create_task(at(number)) for number in edges]
        return sum(telling.result() for telling in tellings)

    with silence():
        assert asyncio.run(all_edges()) >= 5, "so many ends at least"
