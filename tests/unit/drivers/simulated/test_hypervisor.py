"""The simulated hypervisor's habits, where the conformance suite does not reach."""

from uuid import UUID

import pytest

from vmuster.drivers.simulated.hypervisor import HandError, SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import PowerReason, PowerState

A, B = VmUuid(UUID(int=1)), VmUuid(UUID(int=2))
MARK = RawMark(fleet="f")


def host(number: int = 1) -> SimulatedHypervisor:
    return SimulatedHypervisor(f"h{number}", HostUuid(UUID(int=number)))


@pytest.mark.parametrize("leave_source", [True, False])
def test_a_migration_moves_the_process_and_the_mark(leave_source: bool) -> None:
    source, target = host(1), host(2)
    _ = source.define(A, "a", mark=MARK, running=True)
    source.migrate(A, target, leave_source=leave_source)
    assert (source.processes, target.processes) == (set(), {A})
    assert (target.domains[A].live_mark, target.domains[A].config_mark) == (MARK, MARK)
    if leave_source:
        left = source.domains[A]
        shown = (left.power, left.reason, left.mark)
        assert shown == (PowerState.STOPPED, PowerReason.MIGRATED, MARK)
    else:
        assert A not in source.domains


def test_no_event_tells_of_a_vm_that_migrated_away_and_was_undefined() -> None:
    source, target = host(1), host(2)
    _ = source.define(A, "a", running=True)
    rung: list[VmUuid | None] = []
    source.listen(rung.append)
    source.migrate(A, target)
    assert rung == []


def test_a_reboot_ends_everything_and_changes_the_boot_id() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    _ = hypervisor.define(B, "b", running=True)
    hypervisor.undefine(B)
    before = hypervisor.boot_id
    hypervisor.reboot()
    assert hypervisor.boot_id != before
    assert hypervisor.processes == set()
    assert set(hypervisor.domains) == {A}
    stopped = hypervisor.domains[A]
    assert (stopped.power, stopped.reason) == (PowerState.STOPPED, PowerReason.UNKNOWN)


def test_processes_outlive_what_the_daemon_forgot() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.forget_state()
    assert hypervisor.domains == {}
    assert SimulatedWitness(hypervisor).holds(A) is True
    assert SimulatedWitness(hypervisor, blind=True).held() is None


@pytest.mark.parametrize(
    ("gone", "blind", "alive", "holds"),
    [
        (False, False, True, True),
        (True, False, False, None),
        (False, True, None, None),
        (True, True, None, None),
    ],
)
def test_what_a_witness_sees_of_a_host_and_of_its_processes(
    gone: bool, blind: bool, alive: bool | None, holds: bool | None
) -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.faults.gone = gone
    witness = SimulatedWitness(hypervisor, blind=blind)
    assert (witness.alive(), witness.holds(A)) == (alive, holds)


def test_a_host_that_is_gone_tells_of_nothing_and_its_vms_run_on() -> None:
    hypervisor, rung = host(), list[VmUuid | None]()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.listen(rung.append)
    hypervisor.faults.gone = True
    hypervisor.destroy(A)
    assert rung == []
    hypervisor.faults.gone = False
    hypervisor.start(A)
    assert rung == [A]


def test_a_transient_vm_is_gone_once_it_ends() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.undefine(A)
    hypervisor.crash(A)
    assert A not in hypervisor.domains


def test_a_dead_daemon_tells_of_nothing() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.kill_daemon()
    rung: list[VmUuid | None] = []
    hypervisor.listen(rung.append)
    hypervisor.destroy(A)
    hypervisor.unlisten(rung.append)
    assert rung == []


def test_hands_are_refused_what_libvirt_refuses() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    for act in (
        lambda: hypervisor.define(B, "a"),
        lambda: hypervisor.start(A),
        lambda: hypervisor.rename(A, "c"),
        lambda: hypervisor.resume(A),
        lambda: hypervisor.destroy(B),
    ):
        with pytest.raises(HandError):
            _ = act()


def test_a_witness_names_the_run_of_a_vm_and_another_one_after_a_new_start() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    _ = hypervisor.define(B, "b")
    witness = SimulatedWitness(hypervisor)
    first = witness.process(A)
    hypervisor.destroy(A)
    assert (witness.process(A), witness.process(B)) == ("", "")
    hypervisor.start(A)
    assert witness.process(A) not in ("", first)
    assert SimulatedWitness(hypervisor, blind=True).process(A) == ""


def test_what_runs_without_a_run_of_its_daemons_is_no_run_that_a_witness_can_name() -> None:
    hypervisor = host()
    _ = hypervisor.define(A, "a", running=True)
    hypervisor.domains[A].run = 0
    assert SimulatedWitness(hypervisor).process(A) == ""
