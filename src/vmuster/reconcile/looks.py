"""Who is asked to look again. A question changes nothing; its answer is a report like any other."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.plan import LookWish
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    Finding,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
)
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.pairing import Pair, may_be_left, unaccounted
from vmuster.reconcile.recorded import Recorded

_UNKNOWN = frozenset({Standing.GHOST, Standing.ORPHAN, Standing.LOOKALIKE, Standing.ALIEN})
_DOUBTED_MAX: Final = 32


def wishes(
    drafts: Sequence[Draft], recorded: Recorded, report: HostReport, policy: Policy
) -> tuple[LookWish, ...]:
    """The looks that this pass asks for, each host and VM once.

    A VM whose record has just followed it here is looked at again: it is at home now.
    """
    this = recorded.host.id
    wished: dict[LookWish, None] = {}
    for draft in drafts:
        uuid = draft.pair.uuid
        if draft.ask is not None:
            wished[LookWish(host=draft.ask, vms=(uuid,))] = None
            if _is_gone(draft.pair, draft.ask):
                later = policy.confirm_after_seconds
                wished[LookWish(host=draft.ask, again_after_seconds=later)] = None
        if draft.wants_complete:
            wished[LookWish(host=this)] = None
        if _newly_unknown(draft, report):
            wished[LookWish(host=this)] = None
            wished[LookWish(host=this, again_after_seconds=policy.confirm_after_seconds)] = None
        if draft.host is not None:
            wished[LookWish(host=this, vms=(uuid,))] = None
        if _away(draft, recorded, report):
            wished.update(
                {LookWish(host=copy.host, vms=(uuid,)): None for copy in draft.pair.copies}
            )
    wished.update(dict.fromkeys(_answers(recorded, report)))
    missed = {
        draft.pair.uuid
        for draft in drafts
        if draft.rule == "absent-unconfirmed" and draft.absent_reports >= policy.seen_before_stop
    }
    doubted = unaccounted(recorded, report) or missed.union(_left(recorded, report))
    if doubted:
        wished[LookWish(host=this, vms=_turn(doubted, recorded.intake))] = None
    return tuple(wished)


def _is_gone(pair: Pair, home: HostId) -> bool:
    """Whether a VM is known to be gone from its home. Where that was a person's word, the home
    can't say so of the VM alone: its whole account can, out of step with the one that asks."""
    return any(seen.host == home and seen.absence_confirmed for seen in pair.elsewhere)


def _turn(doubted: Collection[VmUuid], intake: int) -> tuple[VmUuid, ...]:
    """Of the VMs whose absence is in doubt, those whose turn it is: each comes up in time.

    Only so many: who is asked for many at once looks at everything, the next whole report asks for
    them again, and where nobody can confirm an absence that would never end.
    """
    ordered = sorted(doubted)
    first = intake % len(ordered)
    return tuple((ordered[first:] + ordered[:first])[:_DOUBTED_MAX])


def _newly_unknown(draft: Draft, report: HostReport) -> bool:
    """An unknown VM that a PARTIAL report is the first to show: the delta path.

    Asked for once. On a host that can give PARTIAL reports only, asking at every one of them
    would never end.
    """
    partial, here = report.completeness is Completeness.PARTIAL, draft.pair.here
    return partial and draft.standing in _UNKNOWN and (here is None or here.absent)


def _answers(recorded: Recorded, report: HostReport) -> Iterator[LookWish]:
    """The looks at home that requests wait for: of VMs that were seen here before they were asked
    for, and at which this host has now looked again.
    """
    whole = report.completeness is Completeness.COMPLETE
    looked_at = {seen.uuid for seen in report.vms}.union(report.absent, report.held)
    for uuid, operation in recorded.operations.items():
        here, record = recorded.here.get(uuid), recorded.records.get(uuid)
        home = record.host if record is not None and record.live else None
        waits = operation.state is OperationState.PENDING and home not in (None, recorded.host.id)
        first = here is not None and here.asked_after < operation.intake <= report.asked_after
        if waits and first and home is not None and (whole or uuid in looked_at):
            start = operation.kind is OperationKind.START
            yield LookWish(host=home, vms=() if start else (uuid,))


def _left(recorded: Recorded, report: HostReport) -> Iterator[VmUuid]:
    """The VMs of which a look may confirm that they left no process on a host that is not their
    home and lacks them now: while that is in doubt, they are started nowhere."""
    if report.completeness is not Completeness.COMPLETE:
        return
    there = {seen.uuid for seen in report.vms}.union(report.absent, report.held)
    for uuid, here in recorded.here.items():
        left = may_be_left(here, recorded.records.get(uuid))
        if left and uuid not in there and not here.absence_confirmed:
            yield uuid


def _away(draft: Draft, recorded: Recorded, report: HostReport) -> bool:
    """A VM whose home is here, and which was seen on another host too, active or while absent here.

    Duplicates ask no one: their hosts' next reports say it all again. Nor does what may run here
    unseen: its record stays, whatever another host shows, and each answer would be a question.
    """
    record, seen = draft.pair.record, draft.pair.seen
    untold = seen is not None and seen.power is PowerState.UNKNOWN
    if untold or draft.pair.uuid in report.held:
        return False
    if record is None or not record.live or record.host != recorded.host.id:
        return False
    if draft.finding is Finding.DUPLICATE:
        return False
    return any(copy.active or seen is None for copy in draft.pair.copies)
