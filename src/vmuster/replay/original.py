"""What CloudStack 4.0.2 decided about VMs it did not know, for comparison with vmuster.

Only the part that the incident is about: the VMs of a report that no record claims. The original
looked a VM up by the number inside its name; here a record with that very name claims it, which
is the case in which the two agree. `deltaSync` stopped every other VM; `fullSync` those whose name
is valid for a user VM of any instance; the proposed guard asks the same of `deltaSync`.
Source: the behaviour of the original, executed; see `docs/from-cloudstack.md`.
"""

from vmuster.model.names import is_valid
from vmuster.replay.cases import Case, CaseVm


def original_stops(case: Case) -> list[CaseVm]:
    """The VMs of the case's last report to which a StopCommand was sent for being unknown."""
    report = case.deliveries[-1]
    known = {record.name for record in case.records if not record.removed}
    guarded = report.complete or case.decided_by == "proposed_guard"
    return [vm for vm in report.vms if vm.name not in known and (not guarded or is_valid(vm.name))]
