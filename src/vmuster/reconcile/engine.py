"""One pass: a report, beside what is recorded, becomes a plan. The order of the steps, and no more.

`reconcile` is total: it cannot fail and cannot wait. Given the same values it gives the same plan,
ids included.
"""

import msgspec

from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.plan import Decision, Plan, TooNew
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, MarkVerdict, Standing
from vmuster.model.text import safe
from vmuster.model.vm import Sighting
from vmuster.reconcile import explain, holds, laws, rest, sightings, silence, too_new
from vmuster.reconcile.decide import decide, standing_of
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.freshness import refusal
from vmuster.reconcile.idle import older_database
from vmuster.reconcile.looks import wishes
from vmuster.reconcile.pairing import Pair, pair, unaccounted
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.transitions import transition


def reconcile(recorded: Recorded, report: HostReport, policy: Policy, now: float) -> Plan:
    """What follows from `report`, taken in at `now` (seconds since the epoch, server's clock)."""
    host = recorded.host
    refused = refusal(host, report, recorded.intake)
    if refused:
        return Plan(host=host, refused=refused)
    pairs = pair(recorded, report)
    evidence = too_new.evidence(pairs, recorded)
    recorded = _in_doubt(_with_orphans(recorded, pairs, report), evidence)
    drafts = {p.uuid: draft for p in pairs if (draft := decide(p, recorded, report, policy, now))}
    emptied = bool(unaccounted(recorded, report))
    ruling = holds.rule(list(drafts.values()), recorded, report, policy, emptied=emptied, now=now)
    decisions = [
        _finish(draft, ruling.withheld.get(uuid, ""), report, policy, now)
        for uuid, draft in drafts.items()
    ]
    broken = laws.violations(decisions, recorded, report, policy, now)
    decisions = [_strip(d, broken[d.uuid]) if d.uuid in broken else d for d in decisions]
    by_uuid = {decision.uuid: decision for decision in decisions}
    gone = () if emptied else sightings.forgotten(pairs, report)
    dropped = frozenset(gone)
    kept = [] if emptied else [p for p in pairs if p.uuid not in dropped]
    seen = _sightings(kept, by_uuid, recorded, report, policy, now)
    sighted = {sighting.uuid: sighting for sighting in seen}
    hold = holds.settled(ruling.hold, decisions)
    return Plan(
        host=host,
        host_after=_host_after(recorded, report, policy, ruling.held if emptied else "", now),
        decisions=tuple(decisions),
        sightings=seen,
        gone=gone,
        looks=wishes(list(drafts.values()), recorded, report, policy),
        held=ruling.held,
        held_commands=tuple(
            draft.command
            for uuid, draft in drafts.items()
            if uuid in ruling.withheld and draft.command is not None
        ),
        violations=tuple(sorted(f"{law} (VM {uuid})" for uuid, law in broken.items())),
        hold_after=hold,
        too_new=evidence,
        restless=rest.restless(pairs, drafts, by_uuid, sighted, broken, recorded, report, hold),
    )


def _with_orphans(recorded: Recorded, pairs: list[Pair], report: HostReport) -> Recorded:
    """`recorded`, with the orphans that this report is the first to show counted in.

    One orphan holds the automatic stops of a whole cluster: it must hold them at once.
    """
    new = sum(
        p.seen is not None
        and p.judgement.verdict is MarkVerdict.OURS
        and not (p.record is not None and p.record.live)
        and (p.here is None or p.here.absent or p.here.standing is not Standing.ORPHAN)
        and standing_of(p, recorded, report).standing is Standing.ORPHAN
        for p in pairs
    )
    return msgspec.structs.replace(recorded, orphans=recorded.orphans + new) if new else recorded


def _in_doubt(recorded: Recorded, evidence: tuple[TooNew, ...]) -> Recorded:
    """`recorded`, under which no command is made where this very report shows that it is old."""
    if recorded.quarantined or not evidence:
        return recorded
    words = older_database(evidence[0].words)
    return msgspec.structs.replace(recorded, quarantined=words)


def _finish(
    draft: Draft, withheld: str, report: HostReport, policy: Policy, now: float
) -> Decision:
    """The draft as a decision: without its command where that is `withheld`, in words."""
    sent = None if withheld else draft.command
    return Decision(
        uuid=draft.pair.uuid,
        name=draft.pair.name,
        standing=draft.standing,
        finding=draft.finding,
        rule=draft.rule,
        why=explain.words(draft, withheld),
        transition=transition(draft, sent, report, policy, now),
        command=sent,
        operation=None if withheld else draft.operation,
        alert=draft.alert,
    )


def _strip(decision: Decision, law: str) -> Decision:
    return msgspec.structs.replace(
        decision,
        command=None,
        transition=None,
        operation=None,
        alert=True,
        why=f"{decision.why}; stopped by {law}",
    )


def _host_after(
    recorded: Recorded, report: HostReport, policy: Policy, emptied: str, now: float
) -> Host:
    """The host record with this report's stamp. `emptied`: an empty list that nothing explains,
    in words; it changes nothing else."""
    host = recorded.host
    complete = report.completeness is Completeness.COMPLETE and not emptied
    return msgspec.structs.replace(
        silence.reported(host, policy, now),
        epoch=report.epoch,
        sequence=report.sequence,
        last_report_at=now,
        trouble=_trouble(host, report, emptied),
        last_complete_at=now if complete else host.last_complete_at,
        digest=report.digest if complete else host.digest,
        vms_seen=len(report.vms) + recorded.others if complete else host.vms_seen,
    )


def _trouble(host: Host, report: HostReport, emptied: str) -> str:
    """Why the host's account is doubtful; only a whole, plain one ends a doubt. A look that shows a
    VM after an empty list is a worse one: nobody's word makes that list right."""
    said = emptied or safe("; ".join(report.doubts))
    if said or report.completeness is Completeness.COMPLETE:
        return said
    return holds.BELIED if host.trouble == holds.EMPTIED and report.vms else host.trouble


def _sightings(
    pairs: list[Pair],
    decisions: dict[VmUuid, Decision],
    recorded: Recorded,
    report: HostReport,
    policy: Policy,
    now: float,
) -> tuple[Sighting, ...]:
    written = (
        sightings.seen(p, decisions[p.uuid], recorded, report, policy, now)
        if p.seen is not None
        else sightings.unseen(p, recorded, report)
        for p in pairs
    )
    return tuple(sighting for sighting in written if sighting is not None)
