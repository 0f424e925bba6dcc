"""A plan as one set of changes: transitions, operations, outbox and journal, all or nothing.

With a command that no person asked for, the rows of its fleet and its cluster are written too,
unchanged but for their versions: two passes can't both spend the last of a budget, and who
disarms automation in between takes the plan back. Likewise with a VM that newly runs away from
home its record is: a start that its home decides at this moment rests on that record.

A conclusion is written into the journal when it is new: an unchanged host says nothing.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import Command, MarkVm, OutboxCommand, StartVm, StopVm, UnmarkVm
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC
from vmuster.model.plan import Decision, Plan, TooNew
from vmuster.model.states import Finding
from vmuster.model.vm import VmRecord
from vmuster.reconcile.holds import BELIED, EMPTIED
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.too_new import quarantined
from vmuster.server.passes.unheard import GENERATION, TOO_NEW
from vmuster.server.talks.repeats import TROUBLE

_ONE_DOUBT: Final = frozenset({EMPTIED, BELIED})
"""Both are of one list, and it is told once."""


def changes_of(
    plan: Plan, recorded: Recorded, fleet: Fleet, cluster: Cluster, now: float
) -> Changes:
    """Everything that `plan` writes, outbox and journal together (L12: intent before deed)."""
    host = Write(before=plan.host, after=plan.host_after)
    guards, unrecorded = _decided_on(plan, recorded)
    return Changes(
        guards=guards,
        unrecorded=unrecorded,
        writes=(
            host,
            *_scopes(plan, fleet, cluster, now),
            *_hold(plan, recorded),
            *(Write(before=t.before, after=t.after) for t in plan.transitions),
            *_appearing(plan, recorded),
            *_operations(plan, recorded),
            *(Write(before=None, after=_outgoing(c, now)) for c in plan.commands),
        ),
        sightings=plan.sightings,
        gone=tuple((plan.host.id, uuid) for uuid in plan.gone),
        entries=tuple(_entries(plan, recorded, now)),
        stirs=tuple(dict.fromkeys(_stirs(plan, recorded))),
    )


def _stirs(plan: Plan, recorded: Recorded) -> Iterator[tuple[HostId, VmUuid]]:
    """On which other hosts the VMs that the plan writes about are known: seen, or at home."""
    here = plan.host.id
    written = (
        *(sighting.uuid for sighting in plan.sightings),
        *(transition.before.uuid for transition in plan.transitions),
        *plan.gone,
    )
    for uuid in dict.fromkeys(written):
        record = recorded.records.get(uuid)
        for seen in recorded.elsewhere.get(uuid, ()):
            yield seen.host, uuid
        if record is not None and record.host is not None and record.host != here:
            yield record.host, uuid


def _decided_on(plan: Plan, recorded: Recorded) -> tuple[tuple[VmRecord, ...], tuple[VmUuid, ...]]:
    """The records behind commands and operations, and the VMs among these that have none.

    A person who asks for something, or adopts the VM, between this pass's reading and its writing
    thereby takes the plan back.
    """
    written = {transition.before.uuid for transition in plan.transitions}
    acted_on = [d.uuid for d in plan.decisions if d.command is not None or d.operation is not None]
    unwritten = [uuid for uuid in acted_on if uuid not in written]
    records = recorded.records
    return (
        tuple(records[uuid] for uuid in unwritten if uuid in records),
        tuple(uuid for uuid in unwritten if uuid not in records),
    )


def _appearing(plan: Plan, recorded: Recorded) -> Iterator[Write]:
    """The records of VMs that are newly seen active here and live elsewhere: whoever starts one
    at the same moment could not know, and must look again (L2)."""
    written = {transition.before.uuid for transition in plan.transitions}
    for seen in plan.sightings:
        record, before = recorded.records.get(seen.uuid), recorded.here.get(seen.uuid)
        if record is None or not record.live or record.uuid in written:
            continue
        newly = seen.active and (before is None or not before.active)
        if newly and record.host != seen.host:
            yield Write(before=record, after=record)


def _scopes(plan: Plan, fleet: Fleet, cluster: Cluster, now: float) -> Iterator[Write]:
    """The quarantine that the plan calls for; or the fleet and the cluster that its automatic
    commands were counted against."""
    after = fleet
    if plan.too_new:
        words = [found.words for found in plan.too_new]
        after = quarantined(fleet, words, plan.newest, now)
    automatic = any(command.automatic for command in plan.commands)
    if automatic or after is not fleet:
        yield Write(before=fleet, after=after)
    if automatic:
        yield Write(before=cluster, after=cluster)


def _hold(plan: Plan, recorded: Recorded) -> Iterator[Write]:
    if plan.hold_after != recorded.hold:
        yield Write(before=recorded.hold, after=plan.hold_after)


def _operations(plan: Plan, recorded: Recorded) -> Iterator[Write]:
    for decision in plan.decisions:
        if decision.operation is not None:
            known = recorded.operations.get(decision.uuid)
            same = known is not None and known.id == decision.operation.id
            yield Write(before=known if same else None, after=decision.operation)


def _outgoing(command: Command, now: float) -> OutboxCommand:
    return OutboxCommand(
        id=command.id, host=command.host, vm=command.vm, command=command, created_at=now
    )


def _entries(plan: Plan, recorded: Recorded, now: float) -> Iterator[JournalEntry]:
    host = plan.host.id
    if plan.host_after is not None and plan.host_after.health is not plan.host.health:
        what = f"host {plan.host.name}: {plan.host.health} → {plan.host_after.health}"
        yield _about(host, EntryKind.DECISION, what, now)
    for decision in plan.decisions:
        if _is_news(decision, recorded):
            yield _concluded(decision, host, now)
        if decision.command is not None:
            yield _intent(decision, decision.command, _approved(decision, recorded.hold), now)
    for law in plan.violations:
        yield _about(host, EntryKind.ALERT, f"a law would have been broken: {law}", now)
    for found in plan.too_new:
        yield _too_new(found, host, now)
    before, hold = recorded.hold, plan.hold_after
    if hold is not None and hold.state is HoldState.HELD and not _told(before, hold):
        yield _held(hold, now)
    trouble = plan.host_after.trouble if plan.host_after is not None else ""
    if trouble and not _same_doubt(trouble, plan.host.trouble):
        what = f"the account is in doubt: {trouble}"
        yield _about(host, EntryKind.ALERT, what, now, rule=TROUBLE)


def _same_doubt(now: str, before: str) -> bool:
    return now == before or _ONE_DOUBT.issuperset((now, before))


def _told(before: HeldPlan | None, hold: HeldPlan) -> bool:
    """Whether a person was told of this very plan, and has not decided about it since."""
    return before is not None and (before.id, before.state) == (hold.id, hold.state)


def _is_news(decision: Decision, recorded: Recorded) -> bool:
    """Whether the conclusion differs from the last one about this VM on this host.

    What is in step is news only when it is new; a command has an entry of its own.
    """
    here = recorded.here.get(decision.uuid)
    if decision.operation is not None and decision.command is None:
        return True
    if decision.transition is not None and decision.finding is not Finding.IN_SYNC:
        return True
    if decision.standing is None:
        return decision.alert and (here is None or not here.absent)
    return here is None or (here.finding, here.standing) != (decision.finding, decision.standing)


def _concluded(decision: Decision, host: HostId, now: float) -> JournalEntry:
    transition, settled = decision.transition, decision.operation
    after = transition.after if transition is not None else None
    evidence: dict[str, object] = {"standing": decision.standing, "finding": decision.finding}
    if after is not None:
        evidence |= {"phase": after.phase, "desired": after.desired, "host": after.host}
    return JournalEntry(
        at=now,
        kind=EntryKind.ALERT if decision.alert and settled is None else EntryKind.DECISION,
        actor=AUTOMATIC,
        what=decision.why,
        rule=decision.rule,
        host=host,
        vm=decision.uuid,
        name=decision.name,
        operation=settled.id if settled is not None else None,
        evidence=evidence,
    )


def _approved(decision: Decision, hold: HeldPlan | None) -> dict[str, object]:
    """Who let an automatic act pass a budget, and by which plan; empty where nobody had to."""
    operation = decision.operation
    if hold is None or hold.state is not HoldState.APPROVED or operation is None:
        return {}
    if not any((act.vm, act.act) == (operation.vm, operation.kind) for act in hold.acts):
        return {}
    return {"approved": {"by": hold.by, "plan": str(hold.id)}}


def _intent(
    decision: Decision, command: Command, approved: dict[str, object], now: float
) -> JournalEntry:
    """The row that is durable before the deed: who, by which rule, on what evidence."""
    return JournalEntry(
        at=now,
        kind=EntryKind.COMMAND,
        actor=command.actor,
        what=decision.why,
        rule=decision.rule,
        host=command.host,
        vm=command.vm,
        name=command.name,
        operation=command.operation,
        command=command.id,
        evidence=_evidence(command) | approved,
    )


def _evidence(command: Command) -> dict[str, object]:
    """What the command rests on, as plain data."""
    match command:
        case StopVm() | UnmarkVm():
            return {"proof": msgspec.to_builtins(command.proof)}
        case StartVm():
            return {"clearance": msgspec.to_builtins(command.clearance)}
        case MarkVm():
            return {"mark": msgspec.to_builtins(command.mark)}


def _too_new(found: TooNew, host: HostId, now: float) -> JournalEntry:
    """The evidence of one VM; `unheard` finds it again by its rule and its generation."""
    return JournalEntry(
        at=now,
        kind=EntryKind.ALERT,
        actor=AUTOMATIC,
        what=f"our database is older than this host: {found.words}",
        rule=TOO_NEW,
        host=host,
        vm=found.vm,
        name=found.name,
        evidence={GENERATION: found.generation},
    )


def _held(hold: HeldPlan, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.HELD,
        actor=AUTOMATIC,
        what=f"plan {hold.id} held: {hold.why}",
        host=hold.host,
        cluster=hold.cluster,
        evidence={"plan": str(hold.id), "acts": msgspec.to_builtins(hold.acts)},
    )


def _about(host: HostId, kind: EntryKind, what: str, now: float, *, rule: str = "") -> JournalEntry:
    return JournalEntry(at=now, kind=kind, actor=AUTOMATIC, what=what, rule=rule, host=host)
