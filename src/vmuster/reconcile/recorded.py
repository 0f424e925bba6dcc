"""What one pass is given to know: the records of a host and of every VM its report names."""

import msgspec

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.host import Host, NameGrant
from vmuster.model.ids import VmUuid
from vmuster.model.mark import MarkJudgement
from vmuster.model.operations import Operation
from vmuster.model.policy import FleetPolicy
from vmuster.model.vm import Sighting, VmRecord


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """All of it from one read of the database, but for `marks`: the judged marks of this report,
    and `idle`: why nothing at all is done automatically on this host now; empty where it may be.

    `records` holds tombstones too; `named` the live records that bear a reported name, by name, and
    `numbered` those to whose number a reported name points, by `names.number_in`. `orphans`
    counts ORPHAN sightings in the host's cluster. `intake` is the number under which this report
    is taken in; `high_water` is above every number that our database ever gave; what is not above
    `trusted` may be of a time that it forgot, as a person knows (`Fleet.trusted`). `unheard_of`:
    VMs with a good mark of ours that neither a record nor the journal knows. `spent`: automatic
    acts within the window. `hold`: the host's held plan. `quarantined`: why no command at all is
    sent.

    `others`: VMs that the host's whole account names besides those in `report.vms`, each as it was
    and all at rest (`reconcile/rest.py`). What is given of VMs is then about the rest alone: those
    that differ, that vanished, that are restless. A host with a held plan is judged whole.
    """

    host: Host
    instance: str
    records: dict[VmUuid, VmRecord]
    here: dict[VmUuid, Sighting]
    elsewhere: dict[VmUuid, tuple[Sighting, ...]]
    named: dict[str, VmRecord]
    numbered: dict[str, VmRecord]
    marks: dict[VmUuid, MarkJudgement]
    operations: dict[VmUuid, Operation]
    orphans: int
    grant: NameGrant | None
    intake: int
    idle: str = ""
    quarantined: str = ""
    spent: Spent = Spent()
    fleet_policy: FleetPolicy = FleetPolicy()
    hold: HeldPlan | None = None
    high_water: int
    trusted: int = 0
    unheard_of: frozenset[VmUuid] = frozenset()
    others: int = 0
