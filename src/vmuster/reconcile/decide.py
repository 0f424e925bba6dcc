"""One VM: what it is, what to conclude, what to propose. The order of questions, and no more."""

import msgspec

from vmuster.model.names import is_canonical
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Finding,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    StopMethod,
    UnknownVms,
)
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.reconcile import explain, inflight, remedy
from vmuster.reconcile.absence import absent
from vmuster.reconcile.classify import UNKNOWN, Deed, Row, classify, deed
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.lifecycle import PhaseEvent
from vmuster.reconcile.moves import has_left, move
from vmuster.reconcile.ownership import Claim
from vmuster.reconcile.pairing import Pair, duplicated
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.restarts import pace
from vmuster.reconcile.standing import Facts, RecordState, Rule, stand

_ALERTS = frozenset(Standing) - {Standing.OWNED, Standing.MOVED, Standing.ALIEN}
_STRAYS = frozenset({Standing.GHOST, Standing.LOOKALIKE})
_EVENTS = {
    PowerState.RUNNING: PhaseEvent.SEEN_RUNNING,
    PowerState.STOPPED: PhaseEvent.SEEN_STOPPED,
    PowerState.CRASHED: PhaseEvent.SEEN_CRASHED,
}


def decide(
    pair: Pair, recorded: Recorded, report: HostReport, policy: Policy, now: float
) -> Draft | None:
    """The draft for one VM; None where there is nothing to say (a stranger that is gone)."""
    if pair.operation is None:
        return _conclude(pair, recorded, report, policy, now)
    if pair.seen is None and pair.uuid in pair.lost:
        return _conclude(pair, recorded, report, policy, now)
    flight = inflight.settle(pair.operation, pair, report.asked_after, now)
    if flight.operation.open and pair.seen is not None:
        return _in_flight(pair, pair.seen, flight.operation, recorded, report, policy, now)
    previous = flight.operation.previous
    forgotten = msgspec.structs.replace(pair, record=previous) if flight.restores else pair
    draft = _conclude(
        msgspec.structs.replace(forgotten, operation=None), recorded, report, policy, now
    )
    if flight.operation is pair.operation:
        return draft
    if draft is None:
        draft = Draft(
            pair=pair, standing=None, finding=Finding.UNCLEAR, rule="gone", why="it is gone"
        )
    ended = f"{flight.operation.kind} {flight.operation.state}: {flight.operation.message}"
    return msgspec.structs.replace(
        draft,
        pair=pair,
        restores=flight.restores,
        operation=flight.operation,
        command=None,
        why=f"{draft.why}; {ended}",
    )


def _conclude(
    pair: Pair, recorded: Recorded, report: HostReport, policy: Policy, now: float
) -> Draft | None:
    """The conclusion about a VM with no operation in flight."""
    if pair.seen is None:
        return absent(pair, recorded, report, policy)
    rule = standing_of(pair, recorded, report)
    claim = Claim(
        pair=pair, standing=rule.standing, recorded=recorded, report=report, policy=policy
    )
    if rule.standing is Standing.OWNED and pair.record is not None:
        return _owned(claim, pair.record, pair.seen, rule, now)
    if rule.standing is Standing.MOVED:
        return _moved(claim, pair.seen, rule)
    return _stranger(claim, rule, now)


def standing_of(pair: Pair, recorded: Recorded, report: HostReport) -> Rule:
    """The rule of the standing table that fits a VM of `report`."""
    record, seen = pair.record, pair.seen
    state = (
        RecordState.NONE
        if record is None
        else RecordState.LIVE
        if record.live
        else RecordState.TOMBSTONE
    )
    return stand(
        Facts(
            record=state,
            mark=pair.judgement.verdict,
            duplicate=duplicated(pair, recorded, report),
            at_home=record is not None and record.host in (None, recorded.host.id),
            newer=record is not None and pair.judgement.generation > record.mark_generation,
            ours_by_name=seen is not None and is_canonical(seen.name, recorded.instance),
        )
    )


def _owned(claim: Claim, record: VmRecord, seen: VmObservation, rule: Rule, now: float) -> Draft:
    pair = claim.pair
    if not seen.active and any(copy.may_run for copy in pair.copies):
        where = ", ".join(sorted(copy.host for copy in pair.copies if copy.may_run))
        return _draft(
            pair,
            rule,
            Finding.UNCLEAR,
            "active-elsewhere",
            f"it is {seen.power} here and was seen active on {where}",
        )
    row = classify(record, seen, claim.report)
    wanted, note, event = _paced(record, row, claim.policy, now)
    proposal = remedy.automatic(claim, wanted, StopMethod.SHUTDOWN, now)
    return Draft(
        pair=pair,
        standing=rule.standing,
        finding=row.finding,
        rule=row.rule,
        why=row.why,
        event=event,
        follows=row.follows,
        host=claim.recorded.host.id if record.host is None and not pair.copies else None,
        command=proposal.command,
        operation=proposal.operation,
        note=note or proposal.note,
        wants_complete=proposal.wants_complete,
        alert=row.alert,
    )


def _paced(
    record: VmRecord, row: Row, policy: Policy, now: float
) -> tuple[Deed, str, PhaseEvent | None]:
    """The row's deed, unless it is a start that must wait or was tried too often."""
    wanted = deed(row, policy)
    if wanted is not Deed.START:
        return wanted, "", row.event
    allowed = pace(record, policy, now)
    event = PhaseEvent.GAVE_UP if allowed.gave_up else row.event
    return (Deed.START if allowed.allowed else Deed.NOTHING), allowed.note, event


def _moved(claim: Claim, seen: VmObservation, rule: Rule) -> Draft:
    """A VM away from home; where its record follows it, what is seen of it is said with that, but
    for what a migration left behind."""
    pair, recorded = claim.pair, claim.recorded
    moved = move(pair, claim.report, claim.policy)
    why = f"{explain.standing_words(pair, rule, recorded)}; {moved.why}"
    return Draft(
        pair=pair,
        standing=rule.standing,
        finding=Finding.MOVED,
        rule=f"standing-{rule.number}",
        why=why,
        event=_EVENTS.get(seen.power) if moved.follows and not has_left(seen) else None,
        host=recorded.host.id if moved.follows else None,
        ask=moved.ask,
        alert=not claim.policy.track_host_change,
    )


def _stranger(claim: Claim, rule: Rule, now: float) -> Draft:
    """Anything that is not ours to keep in step: listed; saved to disk only by a person's leave."""
    pair = claim.pair
    offered = rule.standing in _STRAYS and claim.policy.unknown_vms is not UnknownVms.LEAVE
    proposal = remedy.stray(claim, now) if offered else remedy.NOTHING
    why = explain.standing_words(pair, rule, claim.recorded)
    return Draft(
        pair=pair,
        standing=rule.standing,
        finding=Finding(rule.standing.value),
        rule=f"standing-{rule.number}",
        why=why,
        command=proposal.command,
        operation=proposal.operation,
        note=proposal.note,
        alert=rule.standing in _ALERTS,
    )


def _in_flight(
    pair: Pair,
    seen: VmObservation,
    operation: Operation,
    recorded: Recorded,
    report: HostReport,
    policy: Policy,
    now: float,
) -> Draft:
    """A VM with an open operation: the operation moves on, everything else waits for it."""
    rule = standing_of(pair, recorded, report)
    claim = Claim(
        pair=pair, standing=rule.standing, recorded=recorded, report=report, policy=policy
    )
    if rule.standing is Standing.OWNED and seen.power is PowerState.UNKNOWN:
        return _draft(pair, rule, UNKNOWN.finding, UNKNOWN.rule, UNKNOWN.why)
    owned = rule.standing is Standing.OWNED
    finding = Finding.IN_FLIGHT if owned else Finding(rule.standing.value)
    why = f"{operation.kind} by {operation.actor} is in flight; it is seen {seen.power}"
    strange = rule.standing in _ALERTS and not _meant(operation, pair)
    if strange:
        why = f"{why}; {explain.standing_words(pair, rule, recorded)}"
    draft = _draft(pair, rule, finding, "in-flight", why)
    draft = msgspec.structs.replace(draft, alert=strange)
    asked_since = report.asked_after >= operation.intake
    if operation.state is not OperationState.PENDING or not asked_since:
        return draft
    proposal = remedy.requested(claim, operation, now)
    moved_on = proposal.operation
    if moved_on is None and not proposal.waits:
        moved_on = inflight.refuse(operation, proposal.note, now)
    elif proposal.ask is not None:
        moved_on = inflight.waiting(operation, proposal.note)
    return msgspec.structs.replace(
        draft,
        command=proposal.command,
        operation=moved_on,
        note=proposal.note,
        ask=proposal.ask,
        wants_complete=proposal.wants_complete,
    )


def _meant(operation: Operation, pair: Pair) -> bool:
    """Whether it is strange by what was asked for: an adoption marks it, a release unmarks it."""
    unmarked = pair.judgement.verdict is MarkVerdict.NONE
    return operation.kind is OperationKind.ADOPT or (
        operation.kind is OperationKind.RELEASE and unmarked
    )


def _draft(pair: Pair, rule: Rule, finding: Finding, name: str, why: str) -> Draft:
    return Draft(pair=pair, standing=rule.standing, finding=finding, rule=name, why=why)
