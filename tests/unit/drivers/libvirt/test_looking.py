"""Looks: one VM that does not answer makes a list PARTIAL, never shorter."""

from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.unit.drivers.libvirt.doubles import FakeConnection, FakeDomain, error
from vmuster.drivers.libvirt.looking import list_all, look_at, look_behind_empty, read_live
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.text import NAME_CHARACTERS_MAX
from vmuster.ports.driver import DriverError

A, B = VmUuid(UUID(int=1)), VmUuid(UUID(int=2))
OFF = (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_UNKNOWN)


def nobody() -> frozenset[VmUuid]:
    return frozenset()


def domains() -> tuple[FakeDomain, FakeDomain]:
    return FakeDomain(A), FakeDomain(B)


@pytest.mark.parametrize("code", [libvirt.VIR_ERR_OPERATION_TIMEOUT, libvirt.VIR_ERR_NO_DOMAIN])
def test_a_vm_that_fails_or_vanishes_makes_the_list_partial(code: int) -> None:
    well, sick = domains()
    sick.failure = error(code)
    listing = list_all(FakeConnection([well, sick]).real, nobody)
    assert [vm.uuid for vm in listing.vms] == [A]
    assert listing.completeness is Completeness.PARTIAL
    assert str(B) in listing.doubts[0]


def test_a_connection_that_breaks_in_the_midst_gives_no_list() -> None:
    well, sick = domains()
    sick.failure = error(libvirt.VIR_ERR_RPC)
    with pytest.raises(libvirt.libvirtError):
        _ = list_all(FakeConnection([well, sick], alive=False).real, nobody)


def test_a_look_tells_a_sick_vm_from_an_absent_one() -> None:
    _, sick = domains()
    sick.failure = error(libvirt.VIR_ERR_OPERATION_TIMEOUT)
    listing = look_at(FakeConnection([sick]).real, [A, B], nobody)
    assert (listing.vms, listing.absent) == ((), (A,))
    assert str(B) in listing.doubts[0]


def test_hostile_error_text_and_names_are_bounded_and_visible() -> None:
    well, sick = domains()
    well.title = "n" * 5000
    sick.failure = error(libvirt.VIR_ERR_INTERNAL_ERROR, "\x1b[31m\u202e" + "x" * 5000)
    listing = list_all(FakeConnection([well, sick]).real, nobody)
    assert len(listing.vms[0].name) == NAME_CHARACTERS_MAX
    assert len(listing.doubts[0]) < 1000
    assert listing.doubts[0].isprintable()


def test_an_empty_list_is_looked_behind_on_a_fresh_connection() -> None:
    empty, full = FakeConnection(), FakeConnection(domains())
    assert look_behind_empty(empty.real, {A, B}, nobody).completeness is Completeness.COMPLETE
    held = look_behind_empty(empty.real, {A, B}, lambda: frozenset({A}))
    assert held.completeness is Completeness.PARTIAL
    blind = look_behind_empty(empty.real, {A, B}, lambda: None)
    assert (blind.completeness, set(blind.absent)) == (Completeness.COMPLETE, {A, B})
    assert len(look_behind_empty(full.real, {A, B}, nobody).vms) == 2


@pytest.mark.parametrize(
    ("held", "power"),
    [
        (frozenset({A}), PowerState.UNKNOWN),
        (frozenset({B}), PowerState.STOPPED),
        (frozenset[VmUuid](), PowerState.STOPPED),
        (None, PowerState.UNKNOWN),
    ],
)
def test_shut_off_without_reason_is_believed_only_if_no_process_can_hold_it(
    held: frozenset[VmUuid] | None, power: PowerState
) -> None:
    listing = look_at(FakeConnection([FakeDomain(A, state=OFF)]).real, [A], lambda: held)
    assert (listing.vms[0].power, listing.vms[0].reason) == (power, PowerReason.UNKNOWN)


def test_an_element_of_ours_in_any_shape_is_never_no_mark() -> None:
    domain = FakeDomain(A)
    domain.metadata_text = "<other fleet='x'/>"
    domain.stored_metadata_text = "<other fleet='y'/>"
    _, live = read_live(FakeConnection([domain]).real, A, nobody, "1")
    assert (live.mark, live.stored_mark) == (RawMark(fleet="x"), RawMark(fleet="y"))


def test_a_reason_needs_no_witness() -> None:
    state = (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED)
    listing = look_at(FakeConnection([FakeDomain(A, state=state)]).real, [A], lambda: None)
    assert listing.vms[0].power is PowerState.STOPPED


def test_a_run_is_one_domain_id_in_one_life_of_the_daemon() -> None:
    domain = FakeDomain(A)

    def run(life: str) -> str:
        return read_live(FakeConnection([domain]).real, A, nobody, life)[1].run

    first = run("1")
    assert first
    assert run("1") == first
    assert run("2") != first
    domain.number += 1
    assert run("1") != first
    domain.now = OFF
    assert run("1") == ""


def test_a_vm_that_is_not_there_cannot_be_read() -> None:
    with pytest.raises(DriverError, match="there is no VM"):
        _ = read_live(FakeConnection().real, A, nobody, "1")
