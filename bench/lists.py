"""One page of VMs out of many: `vm list`, whatever it is asked for, in a large and a small fleet.

Inside the clock: what the server does for a page, from the question to its lines: SQL, rows into
values, the names of their hosts. Outside: building the fleets, and what a page costs whatever the
fleet, the gates and JSON. The large fleet has ten times as many VMs as the small one; what is rare
is equally rare in both: a small cluster of one host, and some stopped VMs. The first page of each
question is measured, and one that begins in the middle.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from bench import fleets, resting
from bench.fleets import Shape
from bench.measuring import Cost, cpu_us, in_turn, machine
from bench.rows import Result, Row, times_more
from bench.sizes import Sizes
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import DesiredState, PowerState, Standing, VmPhase
from vmuster.model.vm import Sighting
from vmuster.ports.store import Place, Store, VmQuery
from vmuster.server.answers.views import vm_page
from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.stores.sql.opening import open_sqlite

LIMIT: Final = 100
"""Lines of a page, as `vm list` asks for them."""
RARE: Final = 2 * LIMIT
"""VMs that are stopped, and as many in the small cluster: enough for a second page."""
EDGE: Final = ClusterName("edge")
TIMES_SMALLER: Final = 10
_TIMES: Final = 10
"""Pages in a row: one alone is over too soon to be timed."""
_NOW: Final = 1_700_000_000.0
_NO_ONE: Final = VmUuid(UUID(int=0))

QUESTIONS: Final[Mapping[str, VmQuery]] = {
    "of all": VmQuery(),
    "of one host": VmQuery(host=resting.host_id(0)),
    "of a cluster that has nearly all": VmQuery(cluster=DEFAULT_CLUSTER),
    "of a small cluster": VmQuery(cluster=EDGE),
    "of a standing": VmQuery(standing=Standing.OWNED),
    "of those that run": VmQuery(power=PowerState.RUNNING),
    "of the few that are stopped": VmQuery(power=PowerState.STOPPED),
    "of a name": VmQuery(name="i-2-1-VM"),
    "of those that ought to run": VmQuery(desired=DesiredState.RUNNING),
    "of the few that ought not": VmQuery(desired=DesiredState.STOPPED),
    "of those in phase running": VmQuery(phase=VmPhase.RUNNING),
    "of the few in phase stopped": VmQuery(phase=VmPhase.STOPPED),
}


class Listed:
    """A fleet to list."""

    def __init__(self, store: Store, shape: Shape) -> None:
        self.store = store
        self._middle: Place = (f"i-2-{shape.all_vms // 2}-VM", _NO_ONE, None)

    async def middle(self, query: VmQuery) -> Place:
        """A place with about as many lines before it as after it."""
        few = await self.store.vms(query, limit=RARE + 1)
        return few[len(few) // 2].place if len(few) <= RARE else self._middle

    def pages(self, query: VmQuery, after: Place | None) -> Callable[[], Awaitable[Cost]]:
        """The work of giving the same page some times, as `in_turn` takes it."""

        async def give() -> Cost:
            cost = Cost()
            with cost.running():
                for _ in range(_TIMES):
                    _ = await vm_page(self.store, _NOW, query, after=after, limit=LIMIT)
            return cost

        return give


async def listed(stack: AsyncExitStack, shape: Shape) -> Listed:
    """A fleet of this shape, with the same few rare VMs whatever its size."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    database = await asyncio.to_thread(fleets.copied, shape, folder)
    store = await asyncio.to_thread(open_sqlite, database)
    stack.push_async_callback(store.close)
    await fleets.written(store, await _stopped(store), await _at_the_edge(store, shape.hosts))
    return Listed(store, shape)


async def _stopped(store: Store) -> Changes:
    """Some VMs that run are stopped, and ought to be."""
    writes, sightings = list[Write](), list[Sighting]()
    for row in await store.vms(VmQuery(), limit=RARE):
        if row.record is None or row.sighting is None:
            raise LookupError("a fleet at rest has a VM that is no one's or nowhere")
        after = msgspec.structs.replace(
            row.record,
            desired=DesiredState.STOPPED,
            phase=VmPhase.STOPPED,
            power=PowerState.STOPPED,
        )
        writes.append(Write(before=row.record, after=after))
        sightings.append(msgspec.structs.replace(row.sighting, power=PowerState.STOPPED))
    return Changes(writes=tuple(writes), sightings=tuple(sightings))


async def _at_the_edge(store: Store, number: int) -> Changes:
    """One more host of this number, in a cluster of its own."""
    fleet, cluster = await store.get(Fleet), await store.get(Cluster, DEFAULT_CLUSTER)
    if fleet is None or cluster is None:
        raise LookupError("a fleet was founded without its first cluster")
    host = msgspec.structs.replace(resting.host_row(number, RARE, _NOW), cluster=EDGE)
    pattern = resting.at_rest(PowerState.RUNNING, fleet, _NOW)
    rows = [
        resting.like(pattern, host.id, VmUuid(UUID(int=each + 1)), f"i-3-{each}-VM", RawMark())
        for each in range(RARE)
    ]
    records = [msgspec.structs.replace(record, cluster=EDGE) for record, _ in rows]
    edge = msgspec.structs.replace(cluster, name=EDGE)
    return Changes(
        writes=tuple(Write(before=None, after=row) for row in (edge, host, *records)),
        sightings=tuple(sighting for _, sighting in rows),
    )


async def run(sizes: Sizes) -> Result:
    """The bench."""
    large = sizes.shape()
    small = msgspec.structs.replace(large, hosts=max(1, large.hosts // TIMES_SMALLER))
    rows = list[Row]()
    async with AsyncExitStack() as stack:
        all_, some = await listed(stack, large), await listed(stack, small)
        for question, query in QUESTIONS.items():
            for page, from_middle in (("first page", False), ("page in the middle", True)):
                works = {
                    name: fleet.pages(query, await fleet.middle(query) if from_middle else None)
                    for name, fleet in (("large", all_), ("small", some))
                }
                _ = await in_turn(1, works)  # what is read is then in memory, in both
                costs = await in_turn(sizes.repeats, works)
                rows.append(
                    times_more(
                        f"{page} {question}: {large.all_vms} VMs, against {small.all_vms}",
                        cpu_us(costs["large"], _TIMES),
                        cpu_us(costs["small"], _TIMES),
                        "us",
                        at_most=1.5,
                    )
                )
    return Result(bench="lists", machine=machine(), rows=tuple(rows))
