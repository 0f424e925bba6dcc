"""Where records and the true world differ: in agreement nothing is said, and each difference is."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import CLUSTER, HOST, MARK, NAME, OTHER, VM, operation, record, sighting
from vmuster.drivers.simulated.domain import Domain
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.policy import Policy
from vmuster.model.states import (
    HostHealth,
    OperationKind,
    OperationState,
    PowerReason,
    PowerState,
    VmPhase,
)
from vmuster.sim.laws.agreement import Estate, differences
from vmuster.sim.laws.convergence import Convergence

NOWHERE = VmUuid(UUID(int=9))


def settled(on: str = HOST) -> Bench:
    """A VM of ours runs there, and everything is recorded as it is."""
    bench = Bench(Convergence)
    for each in (HOST, OTHER):
        change_host(bench, each, health=HostHealth.UP)
    bench.write(record(host=on), sightings=(sighting(host=on),))
    _ = domain(bench, on)
    return bench


def change_host(bench: Bench, name: str, **to: object) -> None:
    row = bench.world.database.row(Host, name)
    assert row is not None
    bench.write(msgspec.structs.replace(row, **to))


def domain(bench: Bench, on: str, *, running: bool = True) -> Domain:
    return bench.world.hosts[on].hypervisor.define(VM, NAME, mark=MARK, running=running)


def found(bench: Bench) -> list[str]:
    return list(differences(Estate(bench.world)))


def test_in_agreement_there_is_no_difference() -> None:
    assert found(settled()) == []


def stopped(bench: Bench) -> None:
    bench.world.hosts[HOST].hypervisor.destroy(VM)


def gone(bench: Bench) -> None:
    stopped(bench)
    bench.world.hosts[HOST].hypervisor.undefine(VM)
    bench.write(sightings=(sighting(absent=True),))


def moved(bench: Bench) -> None:
    hypervisors = [bench.world.hosts[each].hypervisor for each in (HOST, OTHER)]
    hypervisors[0].migrate(VM, hypervisors[1])
    away = sighting(host=OTHER)
    bench.write(sightings=(sighting(absent=True), away))


def forgets_that_it_runs(bench: Bench) -> None:
    bench.world.hosts[HOST].hypervisor.forget_runs()


def two(bench: Bench) -> None:
    _ = domain(bench, OTHER)
    bench.write(sightings=(sighting(host=OTHER),))


DIFFERENT: list[tuple[str, Callable[[Bench], object]]] = [
    (
        f"stop of {VM} by ann does not end: it waits",
        lambda b: b.write(operation(OperationKind.STOP, message="it waits")),
    ),
    (
        "host home is suspect: it hangs",
        lambda b: change_host(b, HOST, health=HostHealth.SUSPECT, trouble="it hangs"),
    ),
    (f"{VM} is on home, and was not seen there", lambda b: b.write(gone=((HOST, VM),))),
    (
        f"{VM} is on home, and was not seen there",
        lambda b: b.write(sightings=(sighting(absent=True),)),
    ),
    (
        f"{VM} is running on home, and was seen stopped",
        lambda b: b.write(sightings=(sighting(power=PowerState.STOPPED),)),
    ),
    (
        f"{VM} was seen on home with another name or mark than it has",
        lambda b: b.write(sightings=(sighting(name="web"),)),
    ),
    (
        f"{VM} was seen on home with another name or mark than it has",
        lambda b: b.write(sightings=(sighting(raw_mark=None),)),
    ),
    (
        f"{NOWHERE} is seen on home, and is not there",
        lambda b: b.write(sightings=(sighting(uuid=NOWHERE),)),
    ),
    (
        f"{VM} is running, and is recorded stopped",
        lambda b: b.write(record(power=PowerState.STOPPED)),
    ),
    (f"{VM} is running, and is recorded running", lambda b: b.write(record(label="web"))),
    (
        f"{VM} is in phase stopping, and nobody asks for that any more",
        lambda b: b.write(record(phase=VmPhase.STOPPING)),
    ),
    (f"{VM} runs, and is in phase stopped", lambda b: b.write(record(phase=VmPhase.STOPPED))),
]


@pytest.mark.parametrize(("words", "change"), DIFFERENT)
def test_each_difference_is_found(words: str, change: Callable[[Bench], object]) -> None:
    bench = settled()
    _ = change(bench)
    assert found(bench) == [words]


def test_what_bears_a_mark_by_a_key_that_the_fleet_does_not_know_is_not_asked_for() -> None:
    """An older database does not know the keys that were made after it."""
    bench = settled()
    bench.write(record(phase=VmPhase.STOPPED))
    (fleet,) = bench.world.database.every(Fleet)
    bench.write(msgspec.structs.replace(fleet, public_keys={}))
    assert found(bench) == []


def test_a_stopped_vm_is_recorded_so_in_power_and_phase() -> None:
    bench = settled()
    stopped(bench)
    bench.write(sightings=(sighting(power=PowerState.STOPPED),))
    assert found(bench) == [
        f"{VM} is stopped, and is recorded running",
        f"{VM} is stopped, and is in phase running",
    ]
    bench.write(record(power=PowerState.STOPPED, phase=VmPhase.STOPPED))
    assert found(bench) == []


def test_of_a_vm_that_left_by_a_migration_the_phase_is_not_asked() -> None:
    bench = settled()
    stopped(bench)
    seen = {"power": PowerState.STOPPED, "reason": PowerReason.MIGRATED}
    bench.write(record(**seen), sightings=(sighting(**seen),))
    assert found(bench) == []


def test_nor_of_one_that_can_not_be_proved_ours() -> None:
    bench = settled()
    bench.write(record(phase=VmPhase.STOPPED))
    bench.truth.written.clear()
    assert found(bench) == []


def test_a_vm_that_is_gone_is_missing() -> None:
    bench = settled()
    gone(bench)
    assert found(bench) == [f"{VM} is nowhere, and is recorded running on home"]
    bench.write(record(phase=VmPhase.MISSING))
    assert found(bench) == []


def test_where_nobody_can_look_it_can_not_be_known_to_be_gone() -> None:
    bench = settled()
    bench.world.hosts[HOST].blind = True
    gone(bench)
    bench.write(sightings=(sighting(),))
    assert found(bench) == []


@pytest.mark.parametrize(("blind", "confirmed"), [(True, False), (False, False), (True, True)])
def test_nor_where_nobody_can_look_whether_it_was_left_on_its_way(
    blind: bool, confirmed: bool
) -> None:
    bench = settled()
    bench.world.hosts[OTHER].blind = blind
    gone(bench)
    left = sighting(host=OTHER, absent=True, absence_confirmed=confirmed)
    bench.write(sightings=(left,))
    assert (found(bench) == []) == (blind and not confirmed)


def test_a_record_follows_a_vm_that_moved() -> None:
    bench = settled()
    moved(bench)
    assert found(bench) == [f"{VM} is on other, and its record did not follow"]


@pytest.mark.parametrize("why", ["policy", "mark"])
def test_it_does_not_where_it_may_not_or_the_vm_is_not_provably_ours(why: str) -> None:
    bench = settled()
    moved(bench)
    if why == "policy":
        stays = Policy(track_host_change=False)
        bench.write(Cluster(name=CLUSTER, policy=stays, created_at=0.0))
    else:
        bench.truth.written.clear()
    assert found(bench) == []


@pytest.mark.parametrize("travels", [True, False])
@pytest.mark.parametrize("blind", [True, False])
def test_nor_a_vm_on_its_way_from_where_nobody_can_look(blind: bool, travels: bool) -> None:
    """It does not run, and for all that anybody can tell it may at home; paused for another reason
    it is the one that ran."""
    bench = settled()
    moved(bench)
    reason = PowerReason.MIGRATING if travels else PowerReason.HAND
    bench.world.hosts[OTHER].hypervisor.pause(VM, reason)
    bench.world.hosts[HOST].blind = blind
    paused = sighting(host=OTHER, power=PowerState.PAUSED, reason=reason)
    bench.write(sightings=(paused,))
    stays = f"{VM} is on other, and its record did not follow"
    assert found(bench) == ([] if blind and travels else [stays])


def test_of_two_copies_nothing_is_asked() -> None:
    bench = settled()
    two(bench)
    bench.write(record(phase=VmPhase.STOPPED))
    assert found(bench) == []


def test_a_vm_whose_daemon_forgot_that_it_runs_can_not_be_told() -> None:
    bench = settled()
    forgets_that_it_runs(bench)
    bench.write(record(power=PowerState.UNKNOWN), sightings=(sighting(power=PowerState.UNKNOWN),))
    assert found(bench) == []


@pytest.mark.parametrize("blind", [True, False])
def test_nor_one_that_is_stopped_for_no_reason_where_nobody_can_look(blind: bool) -> None:
    bench = settled()
    bench.world.hosts[HOST].blind = blind
    bench.world.hosts[HOST].hypervisor.undefine(VM)
    stopped(bench)
    _ = domain(bench, HOST, running=False)
    bench.write(record(power=PowerState.UNKNOWN), sightings=(sighting(power=PowerState.UNKNOWN),))
    assert (found(bench) == []) == blind


def test_a_vm_is_where_a_process_of_it_runs_though_its_daemon_lost_it() -> None:
    bench = settled()
    forgets_that_it_runs(bench)
    hypervisor = bench.world.hosts[HOST].hypervisor
    hypervisor.undefine(VM)
    bench.write(record(power=PowerState.UNKNOWN), sightings=(sighting(power=PowerState.UNKNOWN),))
    assert found(bench) == []
    hypervisor.processes.discard(VM)
    assert f"{VM} is seen on home, and is not there" in found(bench)


@pytest.mark.parametrize(
    "changes", [{"claims": HostUuid(UUID(int=5))}, {"uuid": HostUuid(UUID(int=5))}]
)
def test_a_host_that_is_not_who_it_should_be_waits_for_a_person(changes: dict[str, object]) -> None:
    bench = settled()
    change_host(bench, HOST, **changes, health=HostHealth.SUSPECT)
    bench.write(record(power=PowerState.STOPPED))
    assert found(bench) == []


def test_what_has_ended_and_what_is_buried_is_not_asked_for() -> None:
    bench = settled()
    bench.write(operation(OperationKind.STOP, state=OperationState.DONE))
    bench.write(record(removed_at=1.0, power=PowerState.STOPPED))
    assert found(bench) == []
