"""What a server could have known of a VM: from the reports that its database took in, no others."""

from typing import Final

from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.report import HostReport
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.sim.world.truth import Committed, Looked, Taken, Truth

OFF: Final = frozenset({PowerState.STOPPED, PowerState.CRASHED})


def look_of(truth: Truth, commit: Committed) -> Looked | None:
    """The look that this set of changes takes in; None where it is of no report."""
    for write in commit.changes.writes:
        before, after = write.before, write.after
        if not isinstance(after, Host):
            continue
        stamp = after.epoch, after.sequence
        if not isinstance(before, Host) or (before.epoch, before.sequence) != stamp:
            return truth.looks.get((after.id, *stamp))
    return None


def shown(report: HostReport, vm: VmUuid) -> VmObservation | None:
    """A VM as a report shows it; None where it does not."""
    return next((seen for seen in report.vms if seen.uuid == vm), None)


def shown_running(truth: Truth, host: HostId, vm: VmUuid, before: float) -> Taken | None:
    """The account of a host, taken in before this moment, by which a VM runs there: and so it does,
    in the very run that was seen. None where there is no such account, or a later one says
    otherwise. A list that merely lacks the VM says nothing, nor does one that can't tell.
    """
    for taken in reversed(truth.taken.get(host, ())):
        if taken.at >= before:
            continue
        look = taken.look
        seen = shown(look.report, vm)
        if seen is None and vm not in look.report.absent:
            continue
        if seen is not None and seen.power is PowerState.UNKNOWN:
            continue
        if seen is None or seen.power in OFF or seen.reason is PowerReason.MIGRATING:
            return None
        run = truth.running(look.machine, vm)
        return taken if run is not None and run.began <= look.began else None
    return None


def ran_through(truth: Truth, look: Looked, vm: VmUuid) -> bool:
    """Whether a VM's process ran on the machine all the while that it was looked at."""
    return any(
        run.began <= look.began and (run.ended is None or run.ended >= look.sent)
        for run in reversed(truth.runs.get((look.machine, vm), ()))
    )


def bears_ours(truth: Truth, report: HostReport, vm: VmUuid) -> bool:
    """Whether a report shows a VM with a mark that the product wrote for it."""
    seen = shown(report, vm)
    return seen is not None and seen.mark in truth.written.get(vm, ())
