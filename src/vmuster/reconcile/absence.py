"""What a COMPLETE report without a VM is worth.

Absence is a claim, and a claim needs evidence: several COMPLETE reports in a row, the
hypervisor's own "no such domain", and a witness that no process holds it. An empty list where
VMs were is no information at all, until every one of them is confirmed absent. What the witness
sees a process of is there, whatever its hypervisor says.
"""

from typing import Final

from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, DesiredState, Finding, MarkVerdict
from vmuster.model.vm import Sighting
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.lifecycle import PhaseEvent
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded

HELD: Final = "its hypervisor does not know it, and a process of it runs on"


def absent(pair: Pair, recorded: Recorded, report: HostReport, policy: Policy) -> Draft | None:
    """What to conclude about a VM that a report ought to show and does not.

    None: a stranger (or a copy of ours that lives elsewhere) is gone; nothing of ours changes.
    """
    record = pair.record
    if record is None or not record.live or record.host != recorded.host.id:
        return None
    if pair.uuid in report.held:
        return _unclear(pair, 0, "absent-held", HELD)
    confirmed = pair.uuid in report.absent
    complete = report.completeness is Completeness.COMPLETE
    counts = confirmed or not pair.lost
    reports = record.absent_reports + 1 if complete and counts else record.absent_reports
    enough = reports >= policy.seen_before_stop
    if there := [*pair.copies, *_unmarked(pair)]:
        where = ", ".join(sorted(copy.host for copy in there))
        return _unclear(
            pair,
            record.absent_reports,
            "absent-elsewhere",
            f"it is not here, and was seen on {where}",
        )
    if pair.left:
        where = ", ".join(sorted(copy.host for copy in pair.left))
        return _unclear(
            pair,
            record.absent_reports,
            "absent-elsewhere",
            f"it is not here; it is gone from {where} too, where a process of it may be left",
        )
    if not counts:
        return _unclear(
            pair, reports, "absent-empty-list", "the list is empty where VMs were: no information"
        )
    if not (confirmed and enough):
        why = _missed(reports, policy) + ("" if confirmed else "; its absence is not confirmed")
        return _unclear(pair, min(reports, policy.seen_before_stop), "absent-unconfirmed", why)
    going = record.desired is DesiredState.ABSENT
    return Draft(
        pair=pair,
        standing=None,
        finding=Finding.IN_SYNC if going else Finding.MISSING,
        rule="absent-as-asked" if going else "missing",
        why="it was asked to go, and is gone"
        if going
        else "its hypervisor says that there is no such VM, and no process holds it",
        event=PhaseEvent.ABSENCE_CONFIRMED,
        absent_reports=policy.seen_before_stop,
        alert=not going,
    )


def _missed(reports: int, policy: Policy) -> str:
    """How often it was missed; a look at it alone is no whole account."""
    if not reports:
        return "it is not there; no complete report has missed it yet"
    return f"not in {reports} of {policy.seen_before_stop} complete reports in a row"


def _unmarked(pair: Pair) -> list[Sighting]:
    """What may run on other hosts under its uuid, and bears no mark of ours: it is not provably
    ours, and what may well be it is not called missing (L6)."""
    return [s for s in pair.elsewhere if s.mark is not MarkVerdict.OURS and s.may_run]


def _unclear(pair: Pair, reports: int, rule: str, why: str) -> Draft:
    return Draft(
        pair=pair,
        standing=None,
        finding=Finding.UNCLEAR,
        rule=rule,
        why=why,
        absent_reports=reports,
    )
