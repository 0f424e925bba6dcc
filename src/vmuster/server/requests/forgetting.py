"""A record is let go of, on a person's word alone, where there is no mark to take out of its VM.

A VM that is there with our mark is released instead: a record that goes while the mark stays makes
an orphan. What may be forgotten is seen from what was shown: the person says that it is gone, and
no look says otherwise; or another fleet has taken the VM over; or it bears no mark at all any more,
as after a release that a restored database does not know of, and is a stranger from then on.
"""

from collections.abc import Sequence

from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Cluster, Host
from vmuster.model.names import is_canonical
from vmuster.model.policy import Policy
from vmuster.model.states import MarkVerdict, Standing, UnknownVms, VmPhase
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord


def check_forgettable(
    record: VmRecord, sightings: Sequence[Sighting], home: Host, cluster: Cluster, instance: str
) -> str:
    """Why the record of a VM may be dropped, in words; raises `Refused` where it may not.

    `sightings`: of its uuid, on every host. `home`: the host of its record, in `cluster`.
    `instance`: the fleet's own.
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
        return _unmarked(record, at_home[0], home, cluster, instance)
    if not given_up_on(record, cluster.policy):
        missed = cluster.policy.seen_before_stop
        raise Refused(
            f"{name} was not missed in {missed} complete reports in a row yet",
            hint=f"vmuster vm explain {record.uuid}",
        )
    return "forgotten: its host does not show it any more"


def _unmarked(record: VmRecord, seen: Sighting, home: Host, cluster: Cluster, instance: str) -> str:
    """Why the record may be dropped of a VM that its home shows, by a whole account, unmarked."""
    name = visible(record.name)
    if seen.standing is not Standing.UNPROVEN or seen.mark is not MarkVerdict.NONE:
        raise Refused(
            f"{name} is on its host, where it is {seen.standing}",
            hint=f"vmuster vm adopt {record.uuid}, to sign it anew; then release it",
        )
    if home.last_complete_at is None or home.last_complete_at < seen.last_seen_at:
        raise Unavailable(
            f"host {home.name} gave no whole account since {name} was seen without our mark",
            hint="ask again after its next one",
        )
    _check_left_alone(seen.name, cluster, canonical=is_canonical(seen.name, instance))
    return "forgotten: it bears no mark of ours; on its host nothing was changed"


def check_releasable(record: VmRecord, host: Host, cluster: Cluster, *, canonical: bool) -> None:
    """Refuses the release of a VM that would then be stopped, or that its host does not show.

    `canonical`: whether its host knows it by a name of ours.
    """
    _check_left_alone(record.label, cluster, canonical=canonical)
    if record.phase is not VmPhase.MISSING and given_up_on(record, cluster.policy):
        raise Refused(
            f"host {host.name} does not show it, and nobody confirmed that it is gone",
            hint=f"if you know that it is gone: vmuster vm forget {record.uuid}",
        )


def _check_left_alone(label: str, cluster: Cluster, *, canonical: bool) -> None:
    """Refuses to let go of a VM that would be stopped for its name then."""
    if canonical and cluster.policy.unknown_vms is UnknownVms.STOP_BY_NAME:
        raise Refused(
            f"released, {visible(label)} would be an unknown VM with a name of ours, and"
            f" cluster {cluster.name} stops such VMs",
            hint=f"vmuster cluster policy set {cluster.name} unknown_vms=leave",
        )


def given_up_on(record: VmRecord, policy: Policy) -> bool:
    """Whether its host has given enough whole accounts without it."""
    return record.absent_reports >= policy.seen_before_stop
