"""Hosts that fall silent, and come back: what is said of them, and what is not done meanwhile."""

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import (
    DesiredState,
    HostHealth,
    HostMode,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)

RUNNING, STOPPED = PowerState.RUNNING, PowerState.STOPPED
UP, SUSPECT, UNREACHABLE, _ = HostHealth
HASTY: dict[str, object] = {
    "suspect_after_seconds": 0.4,
    "unreachable_after_seconds": 1.0,
    "heartbeat_seconds": 0.1,
}
"""Silence counts soon; a host that comes back need not hold."""
PATIENT: dict[str, object] = HASTY | {"unreachable_after_seconds": 4.0}
"""Where a host is not lost: a machine that stands still for a while is no silence."""
CALM: dict[str, object] = HASTY | {
    "suspect_after_seconds": 4.0,
    "unreachable_after_seconds": 5.0,
}
"""Where a host stays up: likewise."""


async def ours(fleet: TestFleet, name: str, *, running: bool = True) -> tuple[Host, VmUuid]:
    """A host with one VM of ours, and a stranger beside it."""
    hypervisor, vm = fleet.hypervisors[name], vm_uuid()
    hypervisor.define(vm, f"db-{name}", running=running)
    hypervisor.define(vm_uuid(), f"web-{name}", running=True)
    host = await fleet.add_host(name)
    await fleet.adopt(vm)
    return host, vm


def stops_of(hypervisor: SimulatedHypervisor, vm: VmUuid) -> int:
    """How often a VM was stopped by us, in any way."""
    return sum(hypervisor.acts[vm, how] for how in ("shutdown", "force", "save"))


async def becomes(fleet: TestFleet, host: Host, health: HostHealth, words: str = "") -> Host:
    """Wait until a host has this health, and these words in its trouble."""

    async def so() -> Host | None:
        now = await fleet.now(host)
        return now if now.health is health and words in now.trouble else None

    return await fleet.until(so)


async def entries(fleet: TestFleet, kind: EntryKind) -> list[str]:
    found = await fleet.store.find(JournalEntry, kind=kind, limit=10_000)
    return [entry.what for entry in found]


def test_a_hung_hypervisor_is_suspect_and_a_dead_host_is_unreachable() -> None:
    """F16, F20: each says which it is, and its VM keeps its last state, with its age."""

    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet, "alpha")
        alpha = fleet.hypervisors["alpha"]
        await fleet.recorded(vm, phase=VmPhase.RUNNING)
        alpha.faults.hang = Hang.BEFORE
        hung = await becomes(fleet, host, SUSPECT, "the host itself lives")
        assert "no answer in time" in hung.trouble
        rounds = fleet.service.context.clock.monotonic()
        await fleet.until(lambda: _passed(fleet, rounds + 4.5))
        assert (await fleet.now(host)).health is SUSPECT, "for as long as it lasts"
        alpha.faults.gone = True
        gone = await becomes(fleet, host, UNREACHABLE, "no sign of life")
        assert gone.last_complete_at == hung.last_complete_at
        record, sighting = await fleet.record(vm), await fleet.sighting(host, vm)
        assert (record.phase, record.power) == (VmPhase.RUNNING, RUNNING)
        assert sighting is not None
        assert (sighting.power, sighting.absent) == (RUNNING, False)
        alpha.faults.gone, alpha.faults.hang = False, Hang.NO
        back = await becomes(fleet, host, UP)
        assert back.trouble == ""
        assert alpha.acts_on(vm) == 1, "the mark"

    tell(story, policy=PATIENT | {"drift": "enforce", "restart": "always"})


async def _passed(fleet: TestFleet, moment: float) -> bool:
    return fleet.service.context.clock.monotonic() >= moment


def test_one_hung_host_delays_no_other() -> None:
    async def story(fleet: TestFleet) -> None:
        alpha, _ = await ours(fleet, "alpha")
        beta, vm = await ours(fleet, "beta")
        fleet.hypervisors["alpha"].faults.hang = Hang.BEFORE
        await becomes(fleet, alpha, SUSPECT)
        begun = fleet.service.context.clock.monotonic()
        await fleet.passes(beta, 5)
        assert fleet.service.context.clock.monotonic() - begun < 10
        ended = await fleet.power(OperationKind.STOP, vm)
        assert ended.state is OperationState.DONE, ended.message
        assert (await fleet.now(beta)).health is UP

    tell(story, "alpha", "beta", policy=CALM)


def test_a_host_that_comes_and_goes_never_comes_up_and_nothing_is_done_there() -> None:
    """F80."""

    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet, "alpha")
        alpha = fleet.hypervisors["alpha"]
        await fleet.recorded(vm, phase=VmPhase.RUNNING)
        alpha.kill_daemon()
        await becomes(fleet, host, SUSPECT)
        alpha.destroy(vm)
        healths: set[HostHealth] = set()
        for _ in range(4):
            alpha.start_daemon()
            await fleet.passes(host, 3)
            healths.add((await fleet.now(host)).health)
            alpha.kill_daemon()
            await fleet.until(lambda: _unwell(fleet, host))
        assert healths == {SUSPECT}
        assert (await fleet.now(host)).flaps == 1
        assert alpha.acts[vm, "start"] == 0
        alpha.start_daemon()
        await fleet.policy(steady_seconds=0)
        await becomes(fleet, host, UP)
        await fleet.until(lambda: _runs(alpha, vm))

    tell(story, policy=PATIENT | {"steady_seconds": 600, "drift": "enforce"})


async def _unwell(fleet: TestFleet, host: Host) -> bool:
    return (await fleet.now(host)).well_since is None


async def _runs(hypervisor: SimulatedHypervisor, vm: VmUuid) -> bool:
    return hypervisor.domains[vm].power is RUNNING


TEN = tuple(f"host-{number}" for number in range(10))


def test_when_many_go_dark_at_once_nothing_automatic_happens_anywhere() -> None:
    """F79: it is more likely us; one alert says so, and all goes on once they are back."""

    async def story(fleet: TestFleet) -> None:
        well, vm = await ours(fleet, TEN[0], running=False)
        hosts = [await fleet.add_host(name) for name in TEN[1:]]
        first = fleet.hypervisors[TEN[0]]
        await fleet.passes(well)
        alerts = len(await entries(fleet, EntryKind.ALERT))
        for host in hosts[:4]:
            fleet.hypervisors[host.name].faults.gone = True
        for host in hosts[:4]:
            await becomes(fleet, host, UNREACHABLE)
        first.start(vm)
        await fleet.passes(well, 5)
        assert stops_of(first, vm) == 0
        assert first.domains[vm].power is RUNNING
        assert len(await entries(fleet, EntryKind.ALERT)) == alerts + 1
        assert "may be our own network" in (await entries(fleet, EntryKind.ALERT))[-1]
        for host in hosts[:4]:
            fleet.hypervisors[host.name].faults.gone = False
        for host in hosts[:4]:
            await becomes(fleet, host, UP)

        async def stopped() -> bool:
            return first.domains[vm].power is STOPPED

        await fleet.until(stopped)
        assert stops_of(first, vm) == 1

    tell(story, *TEN, policy=CALM | {"drift": "enforce"})


@pytest.mark.parametrize(("drift", "stops"), [("record", 0), ("enforce", 1)])
def test_a_stop_on_a_host_that_goes_silent_is_not_known_and_is_done_at_most_once(
    drift: str, stops: int
) -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await ours(fleet, "alpha")
        alpha = fleet.hypervisors["alpha"]
        await fleet.recorded(vm, phase=VmPhase.RUNNING)
        alpha.faults.gone = True
        ended = await fleet.power(OperationKind.STOP, vm, force=True)
        assert ended.state is OperationState.FAILED
        assert ended.message == "not begun: its host gave no account of it before the deadline"
        record = await fleet.record(vm)
        assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.STOPPED)
        alpha.faults.gone = False
        await becomes(fleet, host, UP)
        if stops:
            await fleet.recorded(vm, phase=VmPhase.STOPPED)
        await fleet.passes(host, 5)
        assert stops_of(alpha, vm) == stops
        expected = DesiredState.STOPPED if stops else DesiredState.RUNNING
        assert (await fleet.record(vm)).desired is expected

    tell(story, policy=HASTY | {"operation_seconds": 1.0, "drift": drift})


def test_hosts_in_observe_are_judged_like_any_other() -> None:
    async def story(fleet: TestFleet) -> None:
        host = await fleet.add_host("alpha", mode=HostMode.OBSERVE)
        fleet.hypervisors["alpha"].faults.gone = True
        await becomes(fleet, host, UNREACHABLE)
        fleet.hypervisors["alpha"].faults.gone = False
        await becomes(fleet, host, UP)

    tell(story, policy=HASTY)
