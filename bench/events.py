"""From an event on a host to the command that answers it: how many a second, and how soon.

A VM that should be stopped is started by hand, its host says so in a PARTIAL report, and under
`drift: enforce` a stop is decided, committed on SQLite FULL with its journal, and sent. Inside the
clock: from the moment that the report is due to the moment that the server sends the order into the
link. Budgets are raised so that none binds; agents answer no order. Outside: greetings, and the
bytes of accounts; the bytes of events are made as they are sent.

One server after another, each over a fleet of its own: first every host reports its next event as
soon as its last one is answered (`sustained`); then events come at half of that pace, and beside
them a bare group commit at the same pace (`p99`); then at a quarter of it, first alone, and then
while one host reports a thousand times as often as any other, as far as its link lets it (`flood`).
"""

import asyncio
import statistics
import tempfile
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import fleets, reports
from bench.fleets import Shape, written
from bench.group_commit import GroupCommit
from bench.measuring import machine, percentile
from bench.pacing import paced
from bench.resting import POLICY
from bench.rows import Result, at_least, known, times_more
from bench.serving import Serving, serving
from bench.shooting import Agents
from bench.sizes import Sizes
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster
from vmuster.model.ids import HostId
from vmuster.model.states import Drift, PowerState
from vmuster.model.vm import VmObservation
from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.stores.sql.opening import open_sqlite

_HOSTS_MAX: Final = 1_000
_FLOOD: Final = 1_000
_MS: Final = 1e3
Figures = dict[str, float]


async def run(sizes: Sizes) -> Result:
    """The bench."""
    hosts = max(2, min(sizes.hosts, _HOSTS_MAX))
    shape = Shape(hosts=hosts, vms=sizes.vms, power=PowerState.STOPPED)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(sizes.repeats):
        for name, figure in (await _once(shape, sizes.seconds)).items():
            found[name].append(figure)
    median = {name: statistics.median(figures) for name, figures in found.items()}
    return Result(
        bench="events",
        machine=machine(),
        rows=(
            at_least("sustained: events decided, committed, sent", median["rate"], "/s", 8_000),
            times_more(
                "p99 at half of it, event to order, against a bare group commit",
                median["p99"],
                median["bare"],
                "ms",
                at_most=5,
            ),
            known("p50 at half of it, event to order", median["p50"], "ms"),
            times_more(
                f"p99 of the others while one reports {_FLOOD} times as often, against without",
                median["flooded"],
                median["alone"],
                "ms",
                at_most=1.1,
            ),
        ),
    )


async def _once(shape: Shape, seconds: float) -> Figures:
    """All figures, of one server."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = await asyncio.to_thread(fleets.copied, shape, folder)
        server, messages = await stack.enter_async_context(enforced(database, shape))
        loud = next(iter(messages))
        agents = Agents(server, messages, loud)
        there = (shape.hosts - 1) * shape.vms
        rate = await agents.sustained(seconds, there // 2)
        half = await _at(agents, rate / 2, seconds, there // 4)
        bare = GroupCommit(folder)
        await bare.run(rate / 2, seconds)
        alone = await _at(agents, rate / 4, seconds, there // 8)
        flood = _flood(agents, loud, messages[loud], _FLOOD * rate / 4 / shape.hosts)
        async with _beside(flood):
            flooded = await _at(agents, rate / 4, seconds, there // 8)
    return {
        "rate": rate,
        "p50": percentile(half, 50) * _MS,
        "p99": percentile(half, 99) * _MS,
        "bare": percentile(bare.latencies, 99) * _MS,
        "alone": percentile(alone, 99) * _MS,
        "flooded": percentile(flooded, 99) * _MS,
    }


@asynccontextmanager
async def enforced(
    database: Path, shape: Shape
) -> AsyncGenerator[tuple[Serving, dict[HostId, bytes]]]:
    """A server by which what was asked for wins, and what each host has said to it once."""
    await _enforce(database)
    messages = dict(await fleets.reports_of(shape))
    async with serving(database) as server:
        await server.greet({host: number for number, host in enumerate(messages)})
        for host, message in messages.items():
            await server.say(host, reports.later(host, message, 1, server.heard.welcomes[host]))
        await server.taken_in()
        yield server, messages


async def _enforce(database: Path) -> None:
    """What was asked for wins, from now on."""
    store = await asyncio.to_thread(open_sqlite, database)
    cluster = await store.get(Cluster, DEFAULT_CLUSTER)
    if cluster is None:
        raise LookupError("the fleet has lost its cluster")
    policy = msgspec.structs.replace(POLICY, drift=Drift.ENFORCE)
    after = msgspec.structs.replace(cluster, policy=policy)
    await written(store, Changes(writes=(Write(before=cluster, after=after),)))
    await store.close()


async def _at(agents: Agents, per_second: float, seconds: float, most: int) -> list[float]:
    """How long each event took to be answered, at this pace, for so long or so many of them."""
    before, count = len(agents.latencies), max(1, min(most, int(per_second * seconds)))
    async with _beside(agents.looking()):
        await paced(islice(agents.events(), count), per_second, agents.say)
    await agents.answered()
    return agents.latencies[before:]


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Have `work` go on meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _flood(agents: Agents, loud: HostId, message: bytes, per_second: float) -> None:
    """One host reports at this pace: its VMs go on and off."""
    vms = reports.report_in(message).vms
    turns = cycle([*(reports.turned(vm) for vm in vms), *vms])

    async def say(vm: VmObservation, _due: float) -> None:
        await agents.report(loud, vm)

    await paced(turns, per_second, say)
