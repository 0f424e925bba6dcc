"""Bugs of the agent's eyes: what it takes for an account of its host."""

from collections.abc import Collection
from typing import Any, Final

import msgspec

from vmuster.agent.observer import Unlisted
from vmuster.model.ids import VmUuid
from vmuster.model.states import Completeness, PowerState
from vmuster.ports.driver import DriverError, Listing
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.layers import LAYERS
from vmuster.sim.planted.patch import patch, says

_DRIVER: Final = "vmuster.drivers.simulated.driver"
_OBSERVER: Final = "vmuster.agent.observer:Observer"


def _error_becomes_empty(before: Any) -> Any:
    async def list_vms(self: Any) -> Listing:
        try:
            return await before(self)
        except DriverError:
            return Listing(vms=(), completeness=Completeness.COMPLETE)

    return list_vms


def _whole_anyway(before: Any) -> Any:
    def listed(self: Any) -> Listing:
        return msgspec.structs.replace(before(self), completeness=Completeness.COMPLETE, doubts=())

    return listed


def _gone(_before: Any) -> Any:
    async def confirm(
        self: Any,  # noqa: ARG001
        listing: Listing,
        missing: Collection[VmUuid],
    ) -> tuple[Listing, Unlisted]:
        return listing, Unlisted(absent=tuple(sorted(missing)))

    return confirm


def _unwitnessed(_before: Any) -> Any:
    async def witnessed(self: Any, listing: Listing) -> frozenset[VmUuid]:  # noqa: ARG001
        return frozenset()

    return witnessed


def _silence_is_no(before: Any) -> Any:
    async def witnessed(self: Any, listing: Listing) -> frozenset[VmUuid]:
        held = await before(self, listing)
        return frozenset() if held is None else held

    return witnessed


_OTHER: Final = {
    PowerState.RUNNING: PowerState.STOPPED,
    PowerState.STOPPED: PowerState.RUNNING,
    PowerState.CRASHED: PowerState.RUNNING,
}


def _remembering(before: Any) -> Any:
    """`observe`, after which the agent knows what the last list said."""

    async def observe(self: Any) -> Any:
        report = await before(self)
        self.last_list = {vm.uuid: vm for vm in report.vms}
        return report

    return observe


def _from_memory(_before: Any) -> Any:
    async def observe_some(self: Any, vms: Collection[VmUuid]) -> Any:
        last = getattr(self, "last_list", {})
        listing = Listing(
            vms=tuple(last[vm] for vm in vms if vm in last), completeness=Completeness.PARTIAL
        )
        return self._report(listing, Unlisted(), self.asked_after)

    return observe_some


def _bell_is_news(before: Any) -> Any:
    async def observe_some(self: Any, vms: Collection[VmUuid]) -> Any:
        last, report = getattr(self, "last_list", {}), await before(self, vms)
        changed = tuple(
            msgspec.structs.replace(vm, power=_OTHER.get(last[vm.uuid].power, vm.power))
            if vm.uuid in last
            else vm
            for vm in report.vms
        )
        return msgspec.structs.replace(report, vms=changed)

    return observe_some


def _never_by_itself(before: Any) -> Any:
    async def take(self: Any, _interval_seconds: float) -> Any:
        return await before(self, 1e9)

    return take


LOOKING: Final = (
    Planted(
        name="an-empty-list-is-trusted",
        what="An empty list where VMs were is not asked for a second time.",
        laws=("L6",),
        patches=(says(f"{_DRIVER}:is_suspicious", False),),
        off=(
            "the look for what a list lacks",
            "the doubt of an empty list",
            "the confirmation of absence",
        ),
    ),
    Planted(
        name="an-error-becomes-empty",
        what="A list that failed is reported as an empty one.",
        laws=("L6",),
        patches=(patch(f"{_DRIVER}:SimulatedDriver.list_vms", _error_becomes_empty),),
        off=("the doubt of an empty list", "the confirmation of absence"),
    ),
    Planted(
        name="a-partial-list-is-called-complete",
        what="A list without the VMs that did not answer claims to be whole.",
        laws=("L6",),
        patches=(patch(f"{_DRIVER}:SimulatedDriver._list", _whole_anyway),),
        off=("the look for what a list lacks", "the confirmation of absence"),
        shape="VMs that can't be read",
    ),
    Planted(
        name="what-a-list-lacks-is-gone",
        what="What a whole list lacks is reported gone; nobody asks for it.",
        laws=("L6",),
        patches=(patch(f"{_OBSERVER}._confirm", _gone),),
    ),
    Planted(
        name="the-witness-is-not-asked",
        what="What the hypervisor does not know is absent, whatever processes there are.",
        laws=("L6",),
        patches=(patch(f"{_OBSERVER}._witnessed", _unwitnessed),),
    ),
    Planted(
        name="a-silent-witness-says-no",
        what="Where no witness can tell, it is taken to have seen no process.",
        laws=("L6",),
        patches=(patch(f"{_OBSERVER}._witnessed", _silence_is_no),),
    ),
    Planted(
        name="a-stop-without-a-reason-is-believed",
        what="What the hypervisor calls stopped for no reason is stopped; no witness is asked.",
        laws=("L6",),
        patches=LAYERS["the witness of stops"].patches,
    ),
    Planted(
        name="a-bell-is-answered-from-memory",
        what="After an event the agent reports what the last list said.",
        laws=("L6",),
        patches=(
            patch(f"{_OBSERVER}.observe", _remembering),
            patch(f"{_OBSERVER}.observe_some", _from_memory),
        ),
    ),
    Planted(
        name="a-bell-is-taken-for-state",
        what="An event is taken to mean that the VM is in the other state now.",
        laws=("L6",),
        patches=(
            patch(f"{_OBSERVER}.observe", _remembering),
            patch(f"{_OBSERVER}.observe_some", _bell_is_news),
        ),
    ),
    Planted(
        name="no-look-without-a-bell",
        what="The agent looks when it is told to, and never by itself.",
        laws=("L4",),
        patches=(patch("vmuster.agent.wishes:Wishes.take", _never_by_itself),),
    ),
)
