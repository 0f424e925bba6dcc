"""How a record changes by a decision: its facts by what was seen, its phase by the table."""

import msgspec

from vmuster.model.commands import Command, StartVm
from vmuster.model.plan import Transition
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import DesiredState, Drift, PowerReason, PowerState, Standing, VmPhase
from vmuster.model.vm import VmRecord
from vmuster.reconcile.classify import remembered_reason
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.lifecycle import PhaseEvent, advance
from vmuster.reconcile.restarts import ran_well, tried

_TIMES = {"seen_at": 0.0, "changed_at": 0.0}
_OURS = frozenset({Standing.OWNED, Standing.MOVED})
_SEEN = {
    PowerState.STOPPED: PhaseEvent.SEEN_STOPPED,
    PowerState.CRASHED: PhaseEvent.SEEN_CRASHED,
}


def transition(
    draft: Draft, sent: Command | None, report: HostReport, policy: Policy, now: float
) -> Transition | None:
    """The change of the draft's record; None where it has no live record or nothing changes."""
    before = draft.pair.record
    if before is None or not before.live:
        return None
    if draft.restores:
        previous = draft.operation.previous if draft.operation is not None else None
        return Transition(before=before, after=restored(before, previous, now))
    after = _facts(before, draft, report, now)
    event = draft.event or _settling(after, draft, report)
    if event is not None:
        after = msgspec.structs.replace(
            after,
            phase=advance(before.phase, event),
            desired=_desired(before, draft, policy),
        )
    if isinstance(sent, StartVm) and sent.automatic:
        after = tried(after, policy, now)
    if _timeless(before) == _timeless(after):
        return None
    return Transition(before=before, after=msgspec.structs.replace(after, changed_at=now))


def restored(before: VmRecord, previous: VmRecord | None, now: float) -> VmRecord | None:
    """What a record was before an operation, but that no generation goes backwards (L5).

    Of a live one that is what was asked for: what was seen meanwhile was seen (L6), and it keeps
    the name it has now, for the old one was free since, and may be another VM's by now. A tombstone
    takes its own, for it holds it against nobody.
    """
    if previous is None:
        return None
    if previous.live:
        return msgspec.structs.replace(before, desired=previous.desired, changed_at=now)
    return msgspec.structs.replace(
        previous,
        generation=before.generation,
        mark_generation=before.mark_generation,
        changed_at=now,
    )


def settled(record: VmRecord) -> PhaseEvent | None:
    """What ends a phase that a request began, by what was last seen; None where there is no such
    phase.

    Nothing is taken for stopped that was not seen stopped: of what is paused, or can't be told, it
    is said that it runs.
    """
    return _by_power(record) if record.phase in (VmPhase.STARTING, VmPhase.STOPPING) else None


def _by_power(record: VmRecord) -> PhaseEvent:
    return _SEEN.get(record.power, PhaseEvent.SEEN_RUNNING)


def _settling(after: VmRecord, draft: Draft, report: HostReport) -> PhaseEvent | None:
    """How such a phase ends where its request did, and no rule moves the record.

    A VM of ours that is shown is missing no more, whatever can be told of it and whatever is asked
    for (L6), and what its record said at its old home is not said of it at the new one; where
    nothing but what a migration left is to be followed, it is all that can be said. What left by a
    migration, or was seen active elsewhere, runs, however it is seen here.
    """
    pair, operation = draft.pair, draft.operation or draft.pair.operation
    back = after.phase is VmPhase.MISSING and pair.seen is not None and draft.standing in _OURS
    follows = pair.record is not None and pair.record.host not in (None, after.host)
    left = after.reason is PowerReason.MIGRATED
    event = _by_power(after) if back or (follows and not left) else settled(after)
    waits = operation is not None and operation.open and not (back or follows)
    if event is None or after.host != report.host or waits:
        return None
    away = left or any(copy.may_run for copy in pair.copies)
    return PhaseEvent.SEEN_RUNNING if away else event


def _facts(before: VmRecord, draft: Draft, report: HostReport, now: float) -> VmRecord:
    """What the look itself says. A look at another host than the record's says nothing of it."""
    host = draft.host or before.host
    seen = draft.pair.seen
    if host != report.host:
        return before
    if seen is None:
        return msgspec.structs.replace(before, absent_reports=draft.absent_reports)
    after = msgspec.structs.replace(
        before,
        host=host,
        label=seen.name,
        power=seen.power,
        reason=remembered_reason(before, seen),
        boot_id=report.boot_id,
        absent_reports=0,
        seen_at=now,
    )
    return ran_well(after, now) if seen.power is PowerState.RUNNING else after


def _desired(before: VmRecord, draft: Draft, policy: Policy) -> DesiredState:
    if not draft.follows or policy.drift is not Drift.RECORD:
        return before.desired
    running = draft.event is PhaseEvent.SEEN_RUNNING
    return DesiredState.RUNNING if running else DesiredState.STOPPED


def _timeless(record: VmRecord) -> VmRecord:
    return msgspec.structs.replace(record, **_TIMES)
