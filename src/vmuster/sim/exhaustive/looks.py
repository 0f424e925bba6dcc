"""What a look at a host can give: an honest account, whole or in part, or a lie.

A look whose VMs are as they are now could as well be made now. So a look is kept, on its way, only
from the moment at which the truth it saw changes (`state.State.reports`).
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Final

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.sim.exhaustive.setting import EPOCH, HOSTS, OURS, SEQUENCE, STRANGER
from vmuster.sim.exhaustive.truth import ON, Truth, observed


class Account(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """What a look said. `absent`: as in a `HostReport`."""

    completeness: Completeness
    vms: tuple[VmObservation, ...]
    absent: tuple[VmUuid, ...] = ()

    @property
    def words(self) -> str:
        """The account in a few words."""
        shown = [f"{vm.name} {vm.power}" for vm in self.vms] or ["nothing"]
        gone = "; our VM is confirmed absent" if OURS in self.absent else ""
        return f"{self.completeness}: {', '.join(shown)}{gone}"


class Stamp(StrEnum):
    """Where a report stands in the order of its host's reports, beside the last one applied."""

    NEWEST = "newest"
    NEWER = "newer"
    OLDER = "older"
    """A later look was taken in before it."""
    EARLIER = "earlier"
    """It is of an earlier connection."""


_STAMPS: Final = {
    Stamp.NEWEST: (EPOCH, SEQUENCE + 2),
    Stamp.NEWER: (EPOCH, SEQUENCE + 1),
    Stamp.OLDER: (EPOCH, SEQUENCE - 1),
    Stamp.EARLIER: (EPOCH - 1, SEQUENCE + 3),
}


class Report(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """An account with its place in every order. `asked_after`: an intake number."""

    account: Account
    asked_after: int
    stamp: Stamp = Stamp.NEWEST


@cache
def stamped(report: Report, host: int) -> HostReport:
    """`report` as the agent of `host` sends it."""
    epoch, sequence = _STAMPS[report.stamp]
    account = report.account
    return HostReport(
        host=HOSTS[host],
        epoch=epoch,
        sequence=sequence,
        boot_id="boot",
        completeness=account.completeness,
        vms=account.vms,
        absent=account.absent,
        asked_after=report.asked_after,
    )


@cache
def accounts(truth: Truth, host: int) -> tuple[Account, ...]:
    """What an honest look at `host` can give now; nothing where its daemon is dead.

    Whether a VM that is not there is asked for by name, and the witness with it, depends on what
    the agent knows: both happens.
    """
    if truth.down[host]:
        return ()
    vms = observed(truth, host)
    place = truth.places[host]
    gone = (OURS,) if place.domain is None and not place.process else ()
    named = Account(completeness=Completeness.COMPLETE, vms=vms, absent=gone)
    unnamed = (Account(completeness=Completeness.COMPLETE, vms=vms),) if gone else ()
    return named, *unnamed, Account(completeness=Completeness.PARTIAL, vms=vms, absent=gone)


def lies(truth: Truth, host: int) -> Iterator[Account]:
    """What a hypervisor can say that lost sight of its VMs: an empty list, and, when it is asked,
    that there is no such VM. A witness says so only of what has no process."""
    if truth.down[host] or not observed(truth, host):
        return
    there = [(OURS, truth.places[host].process)]
    if host == 0:
        there.append((STRANGER, truth.stranger == ON))
    gone = tuple(vm for vm, process in there if not process)
    yield Account(completeness=Completeness.COMPLETE, vms=())
    if gone:
        yield Account(completeness=Completeness.COMPLETE, vms=(), absent=gone)


def of_ours(account: Account) -> VmObservation | None:
    """Our VM, as the account shows it."""
    return next((vm for vm in account.vms if vm.uuid == OURS), None)
