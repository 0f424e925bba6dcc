"""A record is let go of, on a person's word alone, where there is no mark to take out of its VM.

A VM that is there with our mark is released instead: a record that goes while the mark stays makes
an orphan. What may be forgotten is seen from what was shown: the person says that it is gone, and
no look says otherwise; or another fleet has taken the VM over.
"""

from collections.abc import Sequence

from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Host
from vmuster.model.policy import Policy
from vmuster.model.states import MarkVerdict, Standing, UnknownVms, VmPhase
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord


def check_forgettable(record: VmRecord, sightings: Sequence[Sighting], policy: Policy) -> str:
    """Why the record of a VM may be dropped, in words; raises `Refused` where it may not.

    `sightings`: of its uuid, on every host. `policy`: of its cluster.
    """
    name, there = visible(record.name), [seen for seen in sightings if not seen.absent]
    for seen in there:
        if seen.mark is MarkVerdict.OURS:
            raise Refused(
                f"{name} is on host {seen.host}, with our mark",
                hint=f"vmuster vm release {record.uuid}",
            )
    at_home = [seen for seen in there if seen.host == record.host]
    if any(seen.standing is Standing.FOREIGN for seen in at_home):
        return "forgotten: another fleet has taken it over"
    if at_home:
        raise Refused(
            f"{name} is on its host, where it is {at_home[0].standing}",
            hint=f"vmuster vm adopt {record.uuid}, to sign it anew; then release it",
        )
    if not given_up_on(record, policy):
        raise Refused(
            f"{name} was not missed in {policy.seen_before_stop} complete reports in a row yet",
            hint=f"vmuster vm explain {record.uuid}",
        )
    return "forgotten: its host does not show it any more"


def check_releasable(record: VmRecord, host: Host, cluster: Cluster, *, canonical: bool) -> None:
    """Refuses the release of a VM that would then be stopped, or that its host does not show.

    `canonical`: whether its host knows it by a name of ours.
    """
    if canonical and cluster.policy.unknown_vms is UnknownVms.STOP_BY_NAME:
        raise Refused(
            f"released, {visible(record.label)} would be an unknown VM with a name of ours, and"
            f" cluster {cluster.name} stops such VMs",
            hint=f"vmuster cluster policy set {cluster.name} unknown_vms=leave",
        )
    if record.phase is not VmPhase.MISSING and given_up_on(record, cluster.policy):
        raise Refused(
            f"host {host.name} does not show it, and nobody confirmed that it is gone",
            hint=f"if you know that it is gone: vmuster vm forget {record.uuid}",
        )


def given_up_on(record: VmRecord, policy: Policy) -> bool:
    """Whether its host has given enough whole accounts without it."""
    return record.absent_reports >= policy.seen_before_stop
