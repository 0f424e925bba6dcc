"""Acts: read the live domain, ask the judge, do the deed; one call of one worker (L1).

Runs in the thread of a worker. Nothing is changed before a permit for this very VM is there, and
nothing once nobody waits for it any more.
"""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import libvirt

from vmuster.drivers.libvirt.connection import explain
from vmuster.drivers.libvirt.looking import Held, config_mark, live_mark, read_live, state_of
from vmuster.drivers.libvirt.metadata import PREFIX, build_element
from vmuster.drivers.libvirt.worker import Patience
from vmuster.drivers.rules import why_not_markable, why_not_savable, why_not_startable
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NAMESPACE, RawMark
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StopPermit
from vmuster.model.states import PowerState, StopMethod
from vmuster.ports.driver import DriverError


class Permit(Protocol):
    """What every permit says: for which VM it is."""

    @property
    def vm(self) -> VmUuid: ...


P = TypeVar("P", bound=Permit)


def act(
    connection: libvirt.virConnect,
    vm: VmUuid,
    held: Held,
    life: str,
    judge: Callable[[LiveVm], P | Refusal],
    patience: Patience,
    deed: Callable[[libvirt.virDomain, LiveVm, P], None],
) -> Refusal | None:
    """Do `deed` on `vm` if `judge` permits it, now that it has seen the live VM.

    Neither is asked for once the wait was given up. `life`: see `looking.read_live`.
    """
    domain, live = read_live(connection, vm, held, life)
    patience.check()
    permit = judge(live)
    if isinstance(permit, Refusal):
        return permit
    if permit.vm != vm:
        raise DriverError(f"the permit is for VM {permit.vm}, not for VM {vm}")
    patience.begin_deed()
    try:
        deed(domain, live, permit)
    except (libvirt.libvirtError, DriverError) as error:
        raise explain(error, connection, deed=True) from None
    return None


def stop(
    domain: libvirt.virDomain, live: LiveVm, permit: StopPermit, be_patient: Callable[[], None]
) -> None:
    """End a domain by the permit's method. One that is not active is done already.

    `be_patient` is called before a save, which takes as long as memory takes to write.
    """
    if domain.isActive() != 1:
        return
    match permit.method:
        case StopMethod.SHUTDOWN:
            button = libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN
            _unless_inactive(domain, partial(domain.shutdownFlags, button))
        case StopMethod.FORCE:
            # Without GRACEFUL: libvirt sends SIGTERM first all the same, and SIGKILL after 10 s.
            _unless_inactive(domain, domain.destroyFlags)
        case StopMethod.SAVE:
            be_patient()
            _save(domain, live)


def _unless_inactive(domain: libvirt.virDomain, deed: Callable[[], int]) -> None:
    """Do a deed that ends the domain; its guest may end itself a moment earlier."""
    try:
        _ = deed()
    except libvirt.libvirtError:
        if domain.isActive() == 1:
            raise


def _save(domain: libvirt.virDomain, live: LiveVm) -> None:
    if reason := why_not_savable(live):
        raise DriverError(reason)
    try:
        _ = domain.managedSave()
    except libvirt.libvirtError:
        # libvirt lets a domain run on after a failed save; where that failed too, we do.
        with contextlib.suppress(libvirt.libvirtError):
            paused = state_of(domain)[0] == libvirt.VIR_DOMAIN_PAUSED
            if paused and live.power is PowerState.RUNNING:
                _ = domain.resume()
        raise


def start(domain: libvirt.virDomain, live: LiveVm, held: frozenset[VmUuid] | None) -> None:
    """Start a domain that is there; a running one is done already. A saved one continues."""
    if live.power is PowerState.RUNNING:
        return
    if reason := why_not_startable(live, None if held is None else live.uuid in held):
        raise DriverError(reason)
    _ = domain.create()


def write_mark(domain: libvirt.virDomain, live: LiveVm, permit: MarkPermit) -> None:
    """Write the permit's mark, live and config, and read it back."""
    _set_mark(domain, live, permit.mark)


def erase_mark(domain: libvirt.virDomain, live: LiveVm) -> None:
    """Take our element out, live and config, and read that back. Missing is done already."""
    if (live.mark, live.stored_mark) != (None, None):
        _set_mark(domain, live, None)


def _set_mark(domain: libvirt.virDomain, live: LiveVm, mark: RawMark | None) -> None:
    if reason := why_not_markable(live):
        raise DriverError(reason)
    active = domain.isActive() == 1
    places = libvirt.VIR_DOMAIN_AFFECT_CONFIG | (libvirt.VIR_DOMAIN_AFFECT_LIVE if active else 0)
    _ = domain.setMetadata(
        libvirt.VIR_DOMAIN_METADATA_ELEMENT,
        None if mark is None else build_element(mark),  # pyright: ignore[reportArgumentType]  # None removes
        PREFIX,
        NAMESPACE,
        places,
    )
    if config_mark(domain) != mark or (active and live_mark(domain) != mark):
        raise DriverError("the mark that was read back is not the one that was written")
