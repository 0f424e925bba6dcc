"""Where a VM of ours is not as it was asked for, though nothing keeps vmuster from it.

Under `drift: enforce` the VM must follow the wish; under `record` the wish must follow the VM.
Whatever a person has said, or must say first, keeps it back, and so does a VM that can't be proved.
"""

from collections.abc import Iterator
from typing import Final

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.host import Cluster
from vmuster.model.mark import parse_mark
from vmuster.model.states import (
    DesiredState,
    Drift,
    HostMode,
    PowerReason,
    PowerState,
    Restart,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.agreement import Estate, Place, power_of
from vmuster.sim.laws.knowing import OFF

_WITNESSED: Final = frozenset({PowerReason.GUEST, PowerReason.HAND, PowerReason.SAVED})


def unfulfilled(estate: Estate) -> Iterator[str]:
    """In words, each VM once."""
    for record in estate.records:
        there, having = estate.place(record.host), estate.having(record.uuid)
        if there is None or having != [there]:
            continue
        domain, cluster = there.domains.get(record.uuid), estate.clusters.get(record.cluster)
        if domain is None or cluster is None or not _proved(estate, record, domain):
            continue
        power, name = power_of(there, domain), estate.world.name_of(record.uuid)
        if cluster.policy.drift is Drift.ENFORCE:
            if _may_act(estate, there, cluster) and _differs(
                estate, record, there, domain, cluster
            ):
                yield f"{name} is {power}, and was asked to be {record.desired}"
        elif _should_follow(record, domain, power):
            yield f"{name} is {power}, and is still asked to be {record.desired}"


def _proved(estate: Estate, record: VmRecord, domain: Domain) -> bool:
    """Whether its mark is one of ours, not newer than its record, and the same in both places."""
    mark = None if domain.mark is None else parse_mark(domain.mark)
    same = not domain.persistent or domain.config_mark == domain.mark
    known = mark is not None and mark.generation <= record.mark_generation
    return known and same and estate.ours(record.uuid, domain)


def _may_act(estate: Estate, there: Place, cluster: Cluster) -> bool:
    """Whether automation is free to act on this host."""
    fleet, host = estate.fleet, there.row
    if fleet is None or fleet.quarantine is not None or host.mode is not HostMode.MANAGE:
        return False
    plan = estate.world.database.row(HeldPlan, host.id)
    held = plan is not None and plan.state is not HoldState.APPROVED
    return not held and all(row.disarmed is None for row in (fleet, cluster, host))


def _differs(
    estate: Estate, record: VmRecord, there: Place, domain: Domain, cluster: Cluster
) -> bool:
    """Whether something ought to be done about it."""
    if record.desired is DesiredState.STOPPED:
        return domain.power is PowerState.RUNNING and not _left(estate, record, ran=True)
    if record.desired is not DesiredState.RUNNING or record.phase is VmPhase.FAILED:
        return False
    if record.reason is PowerReason.MIGRATED or there.machine.blind or _left(estate, record):
        return False
    if domain.power is PowerState.CRASHED:
        return cluster.policy.restart is not Restart.NEVER
    return power_of(there, domain) is PowerState.STOPPED


def _left(estate: Estate, record: VmRecord, *, ran: bool = False) -> bool:
    """Whether a process of it may be left on another host, of which nobody could say; `ran`: of one
    that was seen to run there."""
    return any(
        vm == record.uuid
        and host != record.host
        and not (seen.absent and seen.absence_confirmed)
        and (seen.ran or not ran)
        for (host, vm), seen in estate.sightings.items()
    )


def _should_follow(record: VmRecord, domain: Domain, power: PowerState) -> bool:
    """Whether what was asked for lags behind what a hand, or the guest, has done."""
    if power is PowerState.RUNNING:
        return record.desired is DesiredState.STOPPED
    witnessed = power in OFF and domain.reason in _WITNESSED
    return witnessed and record.desired is DesiredState.RUNNING
