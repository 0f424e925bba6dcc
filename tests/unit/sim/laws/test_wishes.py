"""Where a VM should be as it was asked for: each thing that lets it be otherwise, by itself."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import CLUSTER, FLEET, HOST, KEY, MARK, NAME, OTHER, VM, held, record, sighting
from vmuster.model.automation import Disarmed, HoldState, Quarantine
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.mark import OwnershipMark, write_mark
from vmuster.model.policy import Policy
from vmuster.model.states import (
    DesiredState,
    Drift,
    HostHealth,
    HostMode,
    OperationKind,
    PowerReason,
    PowerState,
    Restart,
    VmPhase,
)
from vmuster.sim.laws.agreement import Estate
from vmuster.sim.laws.convergence import Convergence
from vmuster.sim.laws.wishes import unfulfilled

OURS = write_mark(OwnershipMark(fleet=FLEET, vm=VM, generation=1, key=KEY, signature=b"x" * 64))
NEWER = write_mark(OwnershipMark(fleet=FLEET, vm=VM, generation=2, key=KEY, signature=b"x" * 64))
OFF: dict[str, object] = {"power": PowerState.STOPPED, "phase": VmPhase.STOPPED}
BY_HAND = Disarmed(by="ann", at=0.0)


def asked(drift: Drift, desired: DesiredState, *, running: bool, **policy: Any) -> Bench:
    """A VM of ours at home, on a host that is up and in manage."""
    bench = Bench(Convergence)
    bench.truth.written[VM] = {OURS, NEWER}
    to(bench, Cluster, CLUSTER, policy=Policy(drift=drift, **policy))
    for each in (HOST, OTHER):
        to(bench, Host, each, health=HostHealth.UP)
    seen = {} if running else OFF
    bench.write(record(desired=desired, **seen), sightings=(sighting(raw_mark=OURS),))
    hypervisor = bench.world.hosts[HOST].hypervisor
    _ = hypervisor.define(VM, NAME, mark=OURS, running=True)
    if not running:
        hypervisor.destroy(VM)
    return bench


def to(bench: Bench, kind: type[Any], *key: object, **changes: object) -> None:
    row = bench.world.database.row(kind, *key)
    assert row is not None
    bench.write(msgspec.structs.replace(row, **changes))


def found(bench: Bench) -> list[str]:
    return list(unfulfilled(Estate(bench.world)))


def should_run() -> Bench:
    return asked(Drift.ENFORCE, DesiredState.RUNNING, running=False)


def should_rest() -> Bench:
    return asked(Drift.ENFORCE, DesiredState.STOPPED, running=True)


ENFORCED: dict[str, Callable[[], Bench]] = {
    f"{VM} is stopped, and was asked to be running": should_run,
    f"{VM} is running, and was asked to be stopped": should_rest,
}


@pytest.mark.parametrize("words", ENFORCED)
def test_what_is_enforced_is_as_it_was_asked_for(words: str) -> None:
    assert found(ENFORCED[words]()) == [words]


@pytest.mark.parametrize("drift", Drift)
@pytest.mark.parametrize("running", [True, False])
def test_what_is_as_it_was_asked_for_is_no_difference(drift: Drift, *, running: bool) -> None:
    desired = DesiredState.RUNNING if running else DesiredState.STOPPED
    assert found(asked(drift, desired, running=running)) == []


@pytest.mark.parametrize("running", [True, False])
def test_what_is_recorded_follows_what_a_hand_did(*, running: bool) -> None:
    desired = DesiredState.STOPPED if running else DesiredState.RUNNING
    power = PowerState.RUNNING if running else PowerState.STOPPED
    bench = asked(Drift.RECORD, desired, running=running)
    assert found(bench) == [f"{VM} is {power}, and is still asked to be {desired}"]


def test_a_stop_that_nobody_witnessed_changes_no_wish() -> None:
    bench = asked(Drift.RECORD, DesiredState.RUNNING, running=False)
    domain = bench.world.hosts[HOST].hypervisor.domains[VM]
    domain.reason = PowerReason.UNKNOWN
    assert found(bench) == []


def _mode(bench: Bench) -> None:
    to(bench, Host, HOST, mode=HostMode.CORDONED)


def _quarantine(bench: Bench) -> None:
    to(bench, Fleet, quarantine=Quarantine(since=0.0, evidence=(), highest=1))


def _lost_mark(bench: Bench) -> None:
    domain = bench.world.hosts[HOST].hypervisor.domains[VM]
    domain.live_mark = domain.config_mark = MARK


def _two_marks(bench: Bench) -> None:
    domain = bench.world.hosts[HOST].hypervisor.domains[VM]
    domain.live_mark, domain.config_mark = OURS, NEWER
    domain.power = PowerState.RUNNING


def _newer_mark(bench: Bench) -> None:
    domain = bench.world.hosts[HOST].hypervisor.domains[VM]
    domain.live_mark = domain.config_mark = NEWER


def _twin(bench: Bench) -> None:
    _ = bench.world.hosts[OTHER].hypervisor.define(VM, NAME, mark=OURS)


EXCUSES: dict[str, Callable[[Bench], object]] = {
    "the host's mode": _mode,
    "the quarantine": _quarantine,
    "the fleet is disarmed": lambda b: to(b, Fleet, disarmed=BY_HAND),
    "the cluster is disarmed": lambda b: to(b, Cluster, CLUSTER, disarmed=BY_HAND),
    "the host is disarmed": lambda b: to(b, Host, HOST, disarmed=BY_HAND),
    "a held plan": lambda b: b.write(held([OperationKind.STOP])),
    "a rejected plan": lambda b: b.write(held([OperationKind.STOP], state=HoldState.REJECTED)),
    "no good mark": _lost_mark,
    "two marks": _two_marks,
    "a newer mark": _newer_mark,
    "a twin": _twin,
}


@pytest.mark.parametrize("excuse", EXCUSES)
@pytest.mark.parametrize("made", ENFORCED.values())
def test_what_keeps_vmuster_from_it_excuses_it(made: Callable[[], Bench], excuse: str) -> None:
    bench = made()
    EXCUSES[excuse](bench)
    assert found(bench) == []


def test_an_approved_plan_is_no_excuse() -> None:
    bench = should_run()
    bench.write(held([OperationKind.START], state=HoldState.APPROVED))
    assert len(found(bench)) == 1


def _blind(bench: Bench) -> None:
    bench.world.hosts[HOST].blind = True


NOT_STARTED: dict[str, Callable[[Bench], object]] = {
    "it failed too often": lambda b: b.write(record(**(OFF | {"phase": VmPhase.FAILED}))),
    "it left by a migration": lambda b: b.write(record(**OFF, reason=PowerReason.MIGRATED)),
    "nobody can look": _blind,
    "one may be left elsewhere": lambda b: b.write(sightings=(sighting(host=OTHER, absent=True),)),
}


@pytest.mark.parametrize("excuse", NOT_STARTED)
def test_a_vm_that_may_run_elsewhere_or_failed_is_not_started(excuse: str) -> None:
    bench = should_run()
    NOT_STARTED[excuse](bench)
    assert found(bench) == []


@pytest.mark.parametrize(
    ("power", "gone", "times"),
    [
        (PowerState.RUNNING, False, 0),
        (PowerState.RUNNING, True, 1),
        (PowerState.STOPPED, False, 1),
    ],
)
def test_one_that_may_be_one_of_two_is_not_stopped(
    power: PowerState, gone: bool, times: int
) -> None:
    bench = should_rest()
    left = sighting(host=OTHER, absent=True, absence_confirmed=gone, power=power)
    bench.write(sightings=(left,))
    assert len(found(bench)) == times


def test_one_that_is_confirmed_gone_elsewhere_is() -> None:
    bench = should_run()
    bench.write(sightings=(sighting(host=OTHER, absent=True, absence_confirmed=True),))
    assert len(found(bench)) == 1


@pytest.mark.parametrize(("restart", "times"), [(Restart.NEVER, 0), (Restart.ON_CRASH, 1)])
def test_a_crash_is_a_matter_of_its_own_policy(restart: Restart, times: int) -> None:
    bench = asked(Drift.ENFORCE, DesiredState.RUNNING, running=True, restart=restart)
    bench.world.hosts[HOST].hypervisor.crash(VM)
    assert len(found(bench)) == times


def test_a_paused_vm_is_left_alone() -> None:
    bench = should_rest()
    bench.world.hosts[HOST].hypervisor.pause(VM)
    assert found(bench) == []
