"""Looks: what libvirt says of domains, as observations. Runs in a worker's thread."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, cast
from uuid import UUID

import libvirt

from vmuster.drivers.libvirt.metadata import read_element
from vmuster.drivers.libvirt.power import Power, power_of
from vmuster.drivers.rules import confirm_empty
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NAMESPACE, RawMark
from vmuster.model.permits import LiveVm
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.text import bounded, visible
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import DriverError, Listing

Held = Callable[[], frozenset[VmUuid] | None]
"""Asks the witness, at most once in a look."""

_DOUBT_CHARACTERS_MAX: Final = 300
_FORGOTTEN: Final[Power] = (PowerState.STOPPED, PowerReason.UNKNOWN)
"""What libvirt says, after its own restart, of every inactive domain and of one it lost."""


def list_all(connection: libvirt.virConnect, held: Held) -> Listing:
    """Every domain of the host. A domain that can't be read makes it PARTIAL, never shorter."""
    vms: list[VmObservation] = []
    doubts: list[str] = []
    for domain in connection.listAllDomains(0):
        vm = uuid_of(domain)
        try:
            vms.append(_observe(domain, vm, held))
        except (libvirt.libvirtError, ValueError) as error:
            if connection.isAlive() != 1:
                raise
            what = visible(bounded(str(error), _DOUBT_CHARACTERS_MAX))
            doubts.append(f"VM {vm} could not be read: {what}")
    return Listing(
        vms=tuple(vms),
        completeness=Completeness.PARTIAL if doubts else Completeness.COMPLETE,
        doubts=tuple(doubts),
    )


def look_at(connection: libvirt.virConnect, vms: Iterable[VmUuid], held: Held) -> Listing:
    """These domains alone: PARTIAL, and `absent` where libvirt says "no such domain"."""
    found: list[VmObservation] = []
    absent: list[VmUuid] = []
    doubts: list[str] = []
    for vm in vms:
        try:
            found.append(_observe(connection.lookupByUUID(vm.bytes), vm, held))
        except (libvirt.libvirtError, ValueError) as error:
            if _is_no_domain(error):
                absent.append(vm)
            elif connection.isAlive() != 1:
                raise
            else:
                what = visible(bounded(str(error), _DOUBT_CHARACTERS_MAX))
                doubts.append(f"VM {vm} could not be read: {what}")
    return Listing(
        vms=tuple(found),
        completeness=Completeness.PARTIAL,
        doubts=tuple(doubts),
        absent=tuple(absent),
    )


def look_behind_empty(fresh: libvirt.virConnect, known: Collection[VmUuid], held: Held) -> Listing:
    """What to make of an empty list where `known` VMs were, asked on a second, fresh connection."""
    again = list_all(fresh, held)
    if again.vms or again.doubts:
        return again
    looked = look_at(fresh, known, held)
    return confirm_empty(known, looked.vms, looked.absent, held())


def read_live(
    connection: libvirt.virConnect, vm: VmUuid, held: Held, life: str
) -> tuple[libvirt.virDomain, LiveVm]:
    """A domain and what it is at this moment. `DriverError` where there is no such domain.

    `life` tells this life of the daemon from every other.
    """
    try:
        domain = connection.lookupByUUID(vm.bytes)
    except libvirt.libvirtError as error:
        if _is_no_domain(error):
            raise DriverError(f"there is no VM {vm} on this host") from None
        raise
    seen = _observe(domain, vm, held)
    active = domain.isActive() == 1
    persistent = domain.isPersistent() == 1
    return domain, LiveVm(
        uuid=vm,
        name=seen.name,
        power=seen.power,
        reason=seen.reason,
        mark=seen.mark,
        stored_mark=config_mark(domain) if persistent else None,
        run=_run(connection, vm, life) if active else "",
        saved=persistent and not active and domain.hasManagedSaveImage() == 1,
        transient=not persistent,
    )


def _run(connection: libvirt.virConnect, vm: VmUuid, life: str) -> str:
    """The present run of a domain; empty where it ended this moment.

    A daemon never gives a domain id twice; but it forgets, when it restarts, the ids of domains
    that are no longer active. A domain object keeps the id of when it was looked up.
    """
    number = connection.lookupByUUID(vm.bytes).ID()
    return "" if number < 0 else f"{life}:{number}"


def uuid_of(domain: libvirt.virDomain) -> VmUuid:
    """The uuid of a domain, which libvirt knows without asking."""
    return VmUuid(UUID(domain.UUIDString()))


def state_of(domain: libvirt.virDomain) -> tuple[int, int]:
    """libvirt's state and reason; its own annotation calls them text."""
    state, reason = cast("list[int]", domain.state())
    return state, reason


def live_mark(domain: libvirt.virDomain) -> RawMark | None:
    """The mark of an active domain as it runs."""
    return _mark(domain, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def config_mark(domain: libvirt.virDomain) -> RawMark | None:
    """The mark in a domain's stored config."""
    return _mark(domain, libvirt.VIR_DOMAIN_AFFECT_CONFIG)


def _observe(domain: libvirt.virDomain, vm: VmUuid, held: Held) -> VmObservation:
    power, reason = _power(domain, vm, held)
    return VmObservation(
        uuid=vm,
        name=bounded(domain.name()),
        power=power,
        reason=reason,
        mark=_mark(domain, libvirt.VIR_DOMAIN_AFFECT_CURRENT),
    )


def _power(domain: libvirt.virDomain, vm: VmUuid, held: Held) -> Power:
    """What libvirt says; but "shut off" without reason is believed only if no process holds it."""
    power = power_of(*state_of(domain))
    if power != _FORGOTTEN:
        return power
    if domain.hasManagedSaveImage() == 1:
        return PowerState.STOPPED, PowerReason.SAVED
    seen = held()
    if seen is None or vm in seen:
        return PowerState.UNKNOWN, PowerReason.UNKNOWN
    return power


def _mark(domain: libvirt.virDomain, where: int) -> RawMark | None:
    """The element of our namespace, whatever shape it has; None only where there is none."""
    try:
        return read_element(domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE, where))
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_METADATA:
            return None
        raise


def _is_no_domain(error: Exception) -> bool:
    return (
        isinstance(error, libvirt.libvirtError)
        and error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN
    )
