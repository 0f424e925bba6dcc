"""What is remembered of each VM seen on a host; strangers as well as our own.

A sighting is written again only where it says something new: an unchanged host costs nothing.
"""

import msgspec

from vmuster.model.plan import Decision
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    Finding,
    MarkVerdict,
    PowerReason,
    PowerState,
    Standing,
)
from vmuster.model.vm import Sighting, VmObservation
from vmuster.reconcile.pairing import Pair, ours_away
from vmuster.reconcile.recorded import Recorded

_ORDER_ONLY = {"taken_in": 0, "asked_after": 0, "last_seen_at": 0.0}


def seen(
    pair: Pair,
    decision: Decision,
    recorded: Recorded,
    report: HostReport,
    policy: Policy,
    now: float,
) -> Sighting | None:
    """The sighting to be written for a VM that was seen; None where nothing new is to be said.

    Where the same uuid was seen elsewhere too, the order of looks is news in itself; not at home,
    where every other host lacks it now.
    """
    observation, before = pair.seen, pair.here
    if observation is None or decision.standing is None:
        return None
    present = before if before is not None and not before.absent else None
    after = Sighting(
        host=recorded.host.id,
        uuid=pair.uuid,
        name=observation.name,
        power=observation.power,
        reason=observation.reason,
        mark=pair.judgement.verdict,
        standing=decision.standing,
        finding=decision.finding,
        why=decision.why,
        complete_reports=_reports(present, decision, report, policy),
        taken_in=recorded.intake,
        asked_after=report.asked_after,
        active_since=_active_since(present, observation, recorded.intake),
        first_seen_at=present.first_seen_at if present is not None else now,
        last_seen_at=now,
        raw_mark=observation.mark,
    )
    if before is not None and not _order_counts(pair, recorded) and _says(before) == _says(after):
        return None
    return after


def unseen(pair: Pair, recorded: Recorded, report: HostReport) -> Sighting | None:
    """The sighting of a VM of ours that a look at this host lacks; None where that is no news.

    Of its home it is evidence for whoever saw the VM elsewhere: the home has looked. Of any other
    host it says that a process may be left there, until its absence is confirmed (F36).
    """
    if forgotten(pair, report):
        return None
    before = pair.here if pair.here is not None else _from_record(pair, recorded, report)
    if before is None:
        return None
    after = msgspec.structs.replace(
        before,
        absent=True,
        absence_confirmed=_confirmed(before, report),
        complete_reports=0,
        active_since=0,
        taken_in=recorded.intake,
        asked_after=report.asked_after,
    )
    ordered = _order_counts(pair, recorded)
    if pair.here is not None and not ordered and _says(pair.here) == _says(after):
        return None
    return after


def forgotten(pair: Pair, report: HostReport) -> bool:
    """Whether the sighting of a VM that the host no longer has is dropped: of a stranger at once,
    of a VM of ours away from home once its absence is confirmed, now or before.
    """
    record, here = pair.record, pair.here
    if pair.seen is not None or here is None:
        return False
    if ours_away(here, record):
        return _confirmed(here, report)
    return record is None or not record.live


def _from_record(pair: Pair, recorded: Recorded, report: HostReport) -> Sighting | None:
    """A sighting to start from where the home has never shown the VM, and that is news."""
    record = pair.record
    if record is None or not record.live or record.host != report.host:
        return None
    if not pair.elsewhere and pair.uuid not in report.absent:
        return None
    return Sighting(
        host=recorded.host.id,
        uuid=pair.uuid,
        name=record.label,
        power=PowerState.UNKNOWN,
        reason=PowerReason.UNKNOWN,
        mark=MarkVerdict.NONE,
        standing=Standing.OWNED,
        finding=Finding.UNCLEAR,
        why="its home does not have it",
        complete_reports=0,
        taken_in=recorded.intake,
        asked_after=0,
        active_since=0,
        first_seen_at=record.seen_at,
        last_seen_at=record.seen_at,
    )


def _reports(
    present: Sighting | None, decision: Decision, report: HostReport, policy: Policy
) -> int:
    """COMPLETE reports in a row with this standing, counted no further than anybody asks."""
    same = present is not None and present.standing is decision.standing
    before = present.complete_reports if present is not None and same else 0
    if report.completeness is Completeness.PARTIAL:
        return before
    return min(before + 1, policy.seen_before_stop)


def _active_since(present: Sighting | None, observation: VmObservation, intake: int) -> int:
    if observation.power is PowerState.UNKNOWN:
        return present.active_since if present is not None else 0
    if not observation.active:
        return 0
    return present.active_since if present is not None and present.active else intake


def _confirmed(here: Sighting, report: HostReport) -> bool:
    """Whether a VM that a look lacks is known to be gone: now, or since before, unbroken."""
    return here.uuid in report.absent or (here.absent and here.absence_confirmed)


def _order_counts(pair: Pair, recorded: Recorded) -> bool:
    """Whether somebody goes by the order of the looks at this VM on different hosts."""
    record = pair.record
    if record is not None and record.live and record.host == recorded.host.id:
        return any(not other.absent for other in pair.elsewhere)
    return bool(pair.elsewhere)


def _says(sighting: Sighting) -> Sighting:
    return msgspec.structs.replace(sighting, **_ORDER_ONLY)
