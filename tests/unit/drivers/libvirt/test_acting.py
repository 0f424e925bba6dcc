"""Acts on a hypervisor that fails half-way."""

from typing import cast
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.unit.drivers.libvirt.doubles import FakeConnection, FakeDomain, error
from vmuster.drivers.libvirt.acting import act, stop, write_mark
from vmuster.drivers.libvirt.worker import Patience
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StopPermit
from vmuster.model.states import StopMethod
from vmuster.ports.driver import DriverError

A = VmUuid(UUID(int=1))
MARK = RawMark(fleet="f", vm="v", generation="1", key="k", signature="00")


def nobody() -> frozenset[VmUuid]:
    return frozenset()


def save(connection: FakeConnection, patient: list[str]) -> Refusal | None:
    def deed(domain: libvirt.virDomain, live: LiveVm, permit: StopPermit) -> None:
        stop(domain, live, permit, lambda: patient.append("asked"))

    permit = StopPermit(vm=A, method=StopMethod.SAVE)
    return act(connection.real, A, nobody, "1", lambda _live: permit, Patience(1.0), deed)


def test_a_save_that_fails_leaves_the_vm_running_and_never_destroys_it() -> None:
    domain = FakeDomain(A)

    def fail() -> None:
        domain.now = (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_SAVE)
        raise error(libvirt.VIR_ERR_OPERATION_FAILED, "no space left")

    domain.save_failure = fail
    patient: list[str] = []
    with pytest.raises(DriverError, match="no space left") as failure:
        _ = save(FakeConnection([domain]), patient)
    assert not failure.value.unknown
    assert domain.calls == ["managedSave", "resume"]
    assert domain.now[0] == libvirt.VIR_DOMAIN_RUNNING
    assert patient == ["asked"]


def test_a_failed_save_does_not_resume_what_a_hand_had_paused() -> None:
    domain = FakeDomain(A, state=(libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER))

    def fail() -> None:
        raise error(libvirt.VIR_ERR_OPERATION_FAILED)

    domain.save_failure = fail
    with pytest.raises(DriverError):
        _ = save(FakeConnection([domain]), [])
    assert domain.calls == ["managedSave"]


def test_a_connection_that_breaks_over_a_deed_leaves_its_outcome_unknown() -> None:
    domain = FakeDomain(A)
    connection = FakeConnection([domain])

    def fail() -> None:
        connection.alive = False
        raise error(libvirt.VIR_ERR_RPC)

    domain.save_failure = fail
    with pytest.raises(DriverError) as failure:
        _ = save(connection, [])
    assert failure.value.broken
    assert failure.value.unknown


def test_a_mark_that_is_not_read_back_was_not_written() -> None:
    domain = FakeDomain(A)
    connection = FakeConnection([domain])
    permit = MarkPermit(vm=A, mark=MARK)
    with pytest.raises(DriverError, match="read back"):
        _ = act(connection.real, A, nobody, "1", lambda _live: permit, Patience(1.0), write_mark)
    assert domain.calls == ["setMetadata"]


def test_what_is_inactive_is_stopped_already() -> None:
    domain = FakeDomain(A, state=(libvirt.VIR_DOMAIN_SHUTOFF, 1))
    live = cast("LiveVm", None)
    for method in StopMethod:
        stop(
            cast("libvirt.virDomain", domain),
            live,
            StopPermit(vm=A, method=method),
            lambda: None,
        )
    assert domain.calls == []


@pytest.mark.parametrize("given_up_by", ["the read", "the judge"])
def test_what_nobody_waits_for_any_more_is_not_done(given_up_by: str) -> None:
    patience = Patience(1.0)
    domain = FakeDomain(A)
    judged: list[LiveVm] = []

    def late() -> frozenset[VmUuid]:
        if given_up_by == "the read":
            assert not patience.end()
        return frozenset()

    def judge(live: LiveVm) -> MarkPermit:
        judged.append(live)
        assert not patience.end()
        return MarkPermit(vm=A, mark=MARK)

    domain.now = (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_UNKNOWN)
    with pytest.raises(DriverError, match="given up before") as failure:
        _ = act(FakeConnection([domain]).real, A, late, "1", judge, patience, write_mark)
    assert not failure.value.unknown
    assert domain.calls == []
    assert len(judged) == (given_up_by == "the judge")
