"""Each layer of defence that can be switched off is one: without it something else is said."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from tests import moments
from tests.parts import HOST, NOW, VM, copy_elsewhere, operation
from tests.probes import Probes, missed
from tests.servers import bench
from tests.unit.server.passes.test_hearing import Desk, Watched, report
from tests.worlds import but, owned, owned_stopped
from vmuster.agent import guard
from vmuster.agent.loop import Agent
from vmuster.agent.observer import Observer
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.permits import LiveVm, Refusal
from vmuster.model.states import HostMode, OperationKind, ProofKind, Standing
from vmuster.ports.driver import DriverError
from vmuster.reconcile import decide, engine, laws
from vmuster.reconcile.ownership import clear
from vmuster.server.watch import sweep
from vmuster.sim.planted.bug import Layer
from vmuster.sim.planted.layers import LAYERS
from vmuster.stores import memory

SECOND = VmUuid(UUID(int=2))
STOP = moments.STOPS[ProofKind.RECORD]


def second_opinion() -> object:
    """A command on a host in observe, which nothing before it has noticed."""
    world = but(owned_stopped(), host={"mode": HostMode.OBSERVE})
    decision = msgspec.structs.replace(
        owned_stopped().decision(), command=moments.start(vm=world.uuid)
    )
    return bool(laws.violations([decision], world.recorded, world.report, world.policy, NOW))


def stops(**changes: object) -> object:
    """Whether a stop is refused, at a moment that differs from a good one in this."""
    moment = msgspec.structs.replace(STOP, **changes)
    return isinstance(guard.permit_stop(moment, moments.stop()), Refusal)


def granted() -> object:
    ungranted = moments.settings(grants=())
    moment = msgspec.structs.replace(moments.STOPS[ProofKind.NAME], settings=ungranted)
    return isinstance(guard.permit_stop(moment, moments.stop(ProofKind.NAME)), Refusal)


def starts() -> object:
    running = msgspec.structs.replace(moments.START, live=moments.live(), process=False)
    return isinstance(guard.permit_start(running), Refusal)


class Post:
    """An observer before a hypervisor with two VMs, of which one runs."""

    def __init__(self) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        _ = self.hypervisor.define(VM, "one", mark=moments.raw(), running=True)
        _ = self.hypervisor.define(SECOND, "two")
        self.driver = SimulatedDriver(self.hypervisor)
        witness = SimulatedWitness(self.hypervisor)
        self.observer = Observer(self.driver, witness, HOST)

    async def opened(self) -> "Post":
        _ = await self.driver.open(read_only=True)
        _ = await self.observer.observe()
        return self


async def _stopped_by_hand() -> object:
    """What a connection for reading says of a start."""
    post = await Post().opened()

    def judge(live: LiveVm) -> object:
        moment = msgspec.structs.replace(moments.START, live=live, process=False)
        return guard.permit_start(moment)

    post.hypervisor.destroy(VM)
    try:
        return await post.driver.start_vm(VM, judge)  # pyright: ignore[reportArgumentType]
    except DriverError as error:
        return str(error)


async def _hidden() -> object:
    post = await Post().opened()
    post.hypervisor.faults.hidden.add(VM)
    return (await post.observer.observe()).completeness


async def _unexplained() -> object:
    post = await Post().opened()
    post.hypervisor.processes.add(SECOND)
    return (await post.observer.observe_some([SECOND])).vms[0].power


def missing() -> object:
    gone = but(owned(), seen=None, here=None, record={"absent_reports": 1})
    draft = decide.absent(gone.pair, gone.recorded, gone.report, gone.policy)
    return None if draft is None else draft.finding


def unaccounted() -> object:
    empty = but(owned(), seen=None)
    return engine.unaccounted(empty.recorded, empty.report)


def copied() -> object:
    twin = but(owned_stopped(), elsewhere=(copy_elsewhere(),))
    return type(clear(twin.claim(Standing.OWNED)))


def heard_before() -> object:
    """What an agent thinks of an epoch that it has heard before."""
    agent = object.__new__(Agent)
    agent._settings, agent._at_home = moments.settings(), True  # pyright: ignore[reportPrivateUsage]
    agent._epoch = agent._past_epoch = 4  # pyright: ignore[reportPrivateUsage]
    return isinstance(agent._now(), Refusal)  # pyright: ignore[reportPrivateUsage]


async def turns() -> object:
    """How many transactions the reports of two hosts make that come at once."""
    store = Watched()
    parts = await bench(store)
    hosts = [await parts.host(name) for name in ("alpha", "beta")]
    store.open.set()
    desk = Desk(store, parts, hosts)
    await desk.together(*(report(host) for host in hosts))
    return store.commits


PROBES: Probes = {
    "one transaction after another": lambda: asyncio.run(turns()),
    "the second opinion": second_opinion,
    "the guard's look at marks": lambda: stops(live=moments.live(mark=None)),
    "the guard's look at the epoch": lambda: stops(epoch=moments.EPOCH + 1),
    "the guard's look at the mode": lambda: stops(settings=moments.settings(mode=HostMode.OBSERVE)),
    "the guard's look at the quarantine": lambda: stops(
        settings=moments.settings(quarantined=True)
    ),
    "the guard's look at grants": granted,
    "the guard's look at the VM's state": starts,
    "the read-only connection": lambda: asyncio.run(_stopped_by_hand()),
    "the look for what a list lacks": lambda: asyncio.run(_hidden()),
    "the witness of stops": lambda: asyncio.run(_unexplained()),
    "the confirmation of absence": missing,
    "the doubt of an empty list": unaccounted,
    "the sightings of other hosts": copied,
    "the agent's memory of epochs": heard_before,
    "the database's rule on keys": lambda: [r.columns for r in memory.KINDS[Operation].unique],
    "the sweep's end of what is overdue": lambda: (
        sweep.overdue(operation(OperationKind.STOP, deadline_at=NOW - 1), None, NOW) is None
    ),
}


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_it_makes_a_difference(layer: Layer) -> None:
    assert missed(layer, PROBES[layer.name])
