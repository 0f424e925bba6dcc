"""What every driver holds to on its own, whatever its hypervisor: pure functions, no calls.

These are not the guard's rules (`agent/guard.py` judges whether a VM is ours); they say what a
hypervisor cannot do truly: write a mark in two places where there is one, start a second copy,
or mean "nothing" by an empty list.
"""

from collections.abc import Collection

from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.permits import LiveVm
from vmuster.model.states import Completeness, PowerState
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import DriverError, Listing, StillHangs


def why_not_markable(live: LiveVm) -> str:
    """Why a mark can't be written to or taken from both places; empty where it can."""
    if live.transient:
        return "the VM is transient: it has no config that could carry a mark"
    if live.saved:
        return "the VM is saved: its memory image carries the mark of then and would bring it back"
    return ""


def why_not_savable(live: LiveVm) -> str:
    """Why the VM can't be saved to disk; empty where it can."""
    return "the VM is transient: it can't be saved" if live.transient else ""


def why_not_startable(live: LiveVm, held: bool | None) -> str:
    """Why the VM must not be started; empty where it may. `held`: what the witness says.

    A hypervisor that lost its state says "shut off" of a VM whose process runs on, and would
    start a second copy on the same disk (L2).
    """
    if live.power is PowerState.PAUSED:
        return "the VM is paused: a start does not resume it"
    if held:
        return "the hypervisor calls the VM shut off, but a process holds it"
    if live.power is PowerState.UNKNOWN:
        return "nobody can tell whether the VM is running"
    return ""


def another_host(found: HostUuid, opened: HostUuid) -> DriverError:
    """Another host behind the same address: nothing that it says or does is meant for us."""
    what = f"another host answers now: {found}, not {opened}"
    return DriverError(what, broken=True, elsewhere=True)


def still_hangs(*, begun: bool) -> StillHangs:
    """No act may begin on a VM while an earlier call hangs. `begun`: its deed was asked for."""
    what = "an earlier call on this VM still hangs" + (", and may be done yet" if begun else "")
    return StillHangs(what, begun=begun)


def is_suspicious(listing: Listing, known: Collection[VmUuid]) -> bool:
    """Whether a listing is empty that can't be believed yet: VMs were there before."""
    return bool(known) and not listing.vms and listing.completeness is Completeness.COMPLETE


def confirm_empty(
    known: Collection[VmUuid],
    found: Collection[VmObservation],
    absent: Collection[VmUuid],
    held: Collection[VmUuid] | None,
) -> Listing:
    """What an empty list amounts to, after each VM known before was looked up by its uuid.

    `found`: those that are there after all; `absent`: those of which the hypervisor said "no such
    domain"; `held`: what the witness sees, None where it can't tell. COMPLETE and empty only if
    every known VM is absent and, where a witness can tell, no process holds it. Where none can, it
    is the whole account that there is: what it is worth, without an absence that is confirmed, is
    for the server to judge, and for a person.
    """
    doubts: list[str] = []
    if found:
        doubts.append(f"the list is empty, but {len(found)} VMs answer to their uuid")
    if unknown := len(known) - len(found) - len(absent):
        doubts.append(f"the list is empty, and {unknown} VMs gave no clear answer")
    if held_on := sum(vm in held for vm in known) if held is not None else 0:
        doubts.append(f"the list is empty, but processes hold {held_on} of its VMs")
    return Listing(
        vms=tuple(found),
        completeness=Completeness.PARTIAL if doubts else Completeness.COMPLETE,
        doubts=tuple(doubts),
        absent=tuple(absent),
    )
