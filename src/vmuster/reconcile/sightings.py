"""What is remembered of each VM seen on a host; strangers as well as our own.

A sighting is written again only where it says something new: an unchanged host costs nothing.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from vmuster.model.ids import VmUuid
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
from vmuster.reconcile.absence import HELD
from vmuster.reconcile.pairing import Pair, may_be_left
from vmuster.reconcile.recorded import Recorded

_ORDER_ONLY = {"taken_in": 0, "asked_after": 0, "last_seen_at": 0.0}
STRANGERS_LEFT_MAX: Final = 32
"""So many strangers that a host lost, and of which nobody confirmed that they left no process, are
remembered there: where no witness can tell, they would else become ever more (L10)."""


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
    """The sighting of a VM that a look at this host lacks; None where that is no news.

    Of its home it is evidence for whoever saw the VM elsewhere: the home has looked. Of any other
    host it says that a process may be left there, until its absence is confirmed (F36). What is
    held is there, and runs. Not asked about what is `forgotten`.
    """
    before = pair.here if pair.here is not None else _from_record(pair, recorded, report)
    if before is None:
        return None
    after = msgspec.structs.replace(
        _held(before, recorded) if pair.uuid in report.held else _lacked(before, report),
        complete_reports=0,
        taken_in=recorded.intake,
        asked_after=report.asked_after,
    )
    ordered = _order_counts(pair, recorded)
    if pair.here is not None and not ordered and _says(pair.here) == _says(after):
        return None
    return after


def _lacked(before: Sighting, report: HostReport) -> Sighting:
    confirmed = _confirmed(before, report)
    return msgspec.structs.replace(before, absent=True, absence_confirmed=confirmed, active_since=0)


def _held(before: Sighting, recorded: Recorded) -> Sighting:
    """It runs, and no more can be told of it."""
    return msgspec.structs.replace(
        before,
        power=PowerState.UNKNOWN,
        reason=PowerReason.UNKNOWN,
        finding=Finding.UNCLEAR,
        why=HELD,
        active_since=before.active_since or recorded.intake,
        absent=False,
        absence_confirmed=False,
    )


def forgotten(pairs: Sequence[Pair], report: HostReport) -> tuple[VmUuid, ...]:
    """The VMs whose sightings here are dropped; of the strangers that may have left a process
    those, too, that are too many, the longest lost ones first.
    """
    gone, strangers = list[VmUuid](), list[Sighting]()
    for pair in pairs:
        here, record = pair.here, pair.record
        if pair.seen is not None or here is None or pair.uuid in report.held:
            continue
        ours = record is not None and record.live
        if _confirmed(here, report) if may_be_left(here, record) else not ours:
            gone.append(pair.uuid)
        elif not ours and here.mark is not MarkVerdict.OURS:
            strangers.append(here)
    strangers.sort(key=lambda here: (not here.absent, here.taken_in, here.uuid))
    surplus = strangers[: max(0, len(strangers) - STRANGERS_LEFT_MAX)]
    return (*gone, *(here.uuid for here in surplus))


def _from_record(pair: Pair, recorded: Recorded, report: HostReport) -> Sighting | None:
    """A sighting to start from where the home has never shown the VM, and that is news."""
    record = pair.record
    if record is None or not record.live or record.host != report.host:
        return None
    if not pair.elsewhere and pair.uuid not in (*report.absent, *report.held):
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
