"""A report's whole way through the server: load, judge, decide, commit, ask, send."""

from typing import Final

import structlog

from vmuster.model.changes import Changes
from vmuster.model.host import Fleet
from vmuster.model.journal import EntryKind
from vmuster.model.plan import LookWish, Plan
from vmuster.model.report import HostReport
from vmuster.model.text import visible
from vmuster.ports import spans
from vmuster.ports.store import HostRows
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.idle import Conditions, circumstances, why_idle
from vmuster.reconcile.passed import Given
from vmuster.server.context import Context, Conversations
from vmuster.server.figures.catalogue import PASS_SECONDS, PASSES, VIOLATIONS
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.passes.gather import gather, load
from vmuster.server.passes.unheard import TOO_NEW, unheard_of
from vmuster.server.passes.writes import changes_of
from vmuster.server.references import fleet_now

_log = structlog.get_logger("vmuster.intake")
_LOUD: Final = frozenset({EntryKind.ALERT, EntryKind.HELD})


async def take_in(context: Context, conversations: Conversations, report: HostReport) -> str:
    """Take `report` in; returns "" where it was applied, else why it was not, in words.

    A guard that fails means that somebody wrote in between: nothing is written, and the host is
    asked to look again (L7).
    """
    clock, figures = context.clock, context.figures
    begun, outcome = clock.monotonic(), PassOutcome.FAILED
    try:
        outcome, why = await _taken_in(context, conversations, report)
        return why
    finally:
        figures.add(PASSES, outcome)
        figures.observe(PASS_SECONDS, clock.monotonic() - begun)


async def _taken_in(
    context: Context, conversations: Conversations, report: HostReport
) -> tuple[PassOutcome, str]:
    now = context.clock.now()
    rows = await load(context.store, report, now)
    if rows is None:
        return PassOutcome.REFUSED, "there is no such host"
    with spans.passing(report.host, (operation.id for operation in rows.operations)):
        return await _passed(context, conversations, report, rows, now)


async def _passed(
    context: Context, conversations: Conversations, report: HostReport, rows: HostRows, now: float
) -> tuple[PassOutcome, str]:
    policy = rows.cluster.policy
    marks = context.judge.judge(report)
    conditions = context.conditions(rows.cluster.name)
    recorded = gather(
        rows,
        marks,
        intake=await context.intakes.next(rows.fleet),
        idle=idle_under(conditions, rows, now),
        unheard_of=await unheard_of(context.store, rows, report, marks),
    )
    plan = reconcile(recorded, report, policy, now)
    if plan.refused:
        return PassOutcome.REFUSED, plan.refused
    changes = context.repeats.unrepeated(changes_of(plan, recorded, rows.fleet, rows.cluster, now))
    (stale,) = await context.store.commit((changes,))
    if stale:
        conversations.ask(LookWish(host=report.host))
        return PassOutcome.STALE, f"stale: {stale}"
    context.repeats.written(changes)
    context.recorder.keep(
        Given(
            at=now,
            report=report,
            recorded=recorded,
            fleet=rows.fleet,
            cluster=rows.cluster,
            conditions=conditions,
        ),
        plan,
    )
    if any(isinstance(write.after, Fleet) for write in changes.writes):
        context.fleet = await fleet_now(context.store)
    context.figures.add(VIOLATIONS, by=len(plan.violations))
    _tell(plan, changes)
    for wish in plan.looks:
        conversations.ask(wish)
    if plan.commands:
        conversations.outbox_changed(report.host)
    return PassOutcome.HELD if plan.held else PassOutcome.TAKEN, ""


def idle_under(conditions: Conditions, rows: HostRows, now: float) -> str:
    """Why nothing automatic is done on the host of `rows`, were a report of it taken in at `now`
    under these conditions."""
    return why_idle(circumstances(rows.fleet, rows.cluster, rows.host, conditions, now))


def _tell(plan: Plan, changes: Changes) -> None:
    """One log line per decision that changes something, in the core's words, and per alert."""
    for decision in plan.decisions:
        if decision.command is not None or decision.transition is not None:
            _log.info(
                "decision",
                host=plan.host.id,
                vm=str(decision.uuid),
                name=visible(decision.name),
                finding=decision.finding,
                rule=decision.rule,
                why=decision.why,
            )
    for entry in changes.entries:
        if entry.kind in _LOUD and (entry.vm is None or entry.rule == TOO_NEW):
            _log.warning(entry.kind, host=plan.host.id, why=entry.what)
