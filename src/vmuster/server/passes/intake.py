"""Reports' whole way through the server: load, judge, decide, commit, ask, send.

Many hosts' reports go it together: one read, one transaction in which each plan stands or falls
alone. What one plan spends of a budget the next one finds spent. While one transaction is written
the next one is judged (`turns`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.host import Fleet
from vmuster.model.journal import EntryKind
from vmuster.model.plan import LookWish, Plan
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.text import visible
from vmuster.ports import spans
from vmuster.ports.store import HostRows
from vmuster.reconcile.idle import Conditions, circumstances, why_idle
from vmuster.reconcile.passed import Given
from vmuster.server.context import Context, Conversations
from vmuster.server.figures.catalogue import PASS_SECONDS, PASSES, VIOLATIONS
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.passes.breath import Breath
from vmuster.server.passes.gather import gather, load
from vmuster.server.passes.scope import Judged
from vmuster.server.passes.standing import Standing
from vmuster.server.passes.turns import Turn, Turns
from vmuster.server.passes.unheard import TOO_NEW, unheard_of
from vmuster.server.passes.verifying import verified_plan
from vmuster.server.passes.writes import changes_of
from vmuster.server.references import fleet_now

_log = structlog.get_logger("vmuster.intake")
_LOUD: Final = frozenset({EntryKind.ALERT, EntryKind.HELD})


class _Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Reports, and beside each the rows that a pass over it goes by, as they were `at` a moment."""

    at: float
    rows: Sequence[tuple[Judged, HostRows | None]]


class _Pass(msgspec.Struct, frozen=True, kw_only=True):
    """One report judged: what it was given, what follows, and what of that is to be written."""

    judged: Judged
    given: Given
    plan: Plan
    changes: Changes


async def take_in(context: Context, conversations: Conversations, report: HostReport) -> str:
    """Take a report in, all of it; as `take_in_all`."""
    judged = Judged(report=report, begun=context.accounts.begin(report.host))
    async with Turns().turn() as turn:
        (why,) = await take_in_all(context, conversations, (judged,), turn)
    return why


async def take_in_all(
    context: Context, conversations: Conversations, many: Sequence[Judged], turn: Turn
) -> list[str]:
    """Take reports in, of each host one, and end the turn; for each "" where it was applied, else
    why it was not, in words.

    A guard that fails means that somebody wrote in between: nothing of that plan is written, and
    the host is asked to look again (L7).
    """
    clock, figures = context.clock, context.figures
    begun, outcomes = clock.monotonic(), [PassOutcome.FAILED] * len(many)
    try:
        told = await _taken_in(context, conversations, many, turn)
        outcomes = [outcome for outcome, _ in told]
        return [why for _, why in told]
    finally:
        seconds = (clock.monotonic() - begun) / len(many)
        for outcome in outcomes:
            figures.add(PASSES, outcome)
            figures.observe(PASS_SECONDS, seconds)


async def _taken_in(
    context: Context, conversations: Conversations, many: Sequence[Judged], turn: Turn
) -> list[tuple[PassOutcome, str]]:
    given = await _given(context, many)
    found = [rows for _, rows in given.rows if rows is not None]
    operations = [each.id for rows in found for each in rows.operations]
    with spans.passing([each.report.host for each in many], operations):
        standing = turn.before.onward(found[0].fleet) if turn.before and found else Standing()
        passes = await _judged(context, given, standing)
        if not await turn.come():
            given, standing = await _given(context, many), Standing()
            passes = await _judged(context, given, standing)
        turn.write(standing)
        plans = [each.changes for each in passes if isinstance(each, _Pass)]
        stale = await context.store.commit(plans) if plans else []
        if not any(stale):
            standing.written()
        turn.end()
        return await _told(context, conversations, passes, stale)


async def _given(context: Context, many: Sequence[Judged]) -> _Loaded:
    """What is known for these reports at this moment."""
    now = context.clock.now()
    loaded = await load(context.store, many, now, all_of_them=context.recorder.runs)
    return _Loaded(at=now, rows=list(zip(many, loaded, strict=True)))


async def _judged(context: Context, given: _Loaded, standing: Standing) -> list[_Pass | str]:
    """For each report its pass, or why there is none."""
    now, passes, breath = given.at, list[_Pass | str](), Breath()
    for judged, loaded in given.rows:
        await breath.take(len(judged.report.vms))
        if loaded is None:
            passes.append("there is no such host")
            continue
        rows = standing.rows(loaded)
        marks = context.judge.judge(judged.report, (*rows.here, *rows.elsewhere))
        conditions = context.conditions(rows.cluster.name)
        recorded = gather(
            rows,
            marks,
            intake=await context.intakes.next(rows.fleet),
            idle=idle_under(conditions, rows, now),
            unheard_of=await unheard_of(context.store, rows, judged.report, marks),
            others=judged.others,
        )
        recorded, plan = verified_plan(
            context.judge, recorded, judged.report, rows.cluster.policy, now
        )
        if plan.refused:
            passes.append(plan.refused)
            continue
        changes = changes_of(plan, recorded, rows.fleet, rows.cluster, now)
        standing.follow(plan, changes)
        passes.append(
            _Pass(
                judged=judged,
                given=Given(
                    at=now,
                    report=judged.report,
                    recorded=recorded,
                    fleet=rows.fleet,
                    cluster=rows.cluster,
                    conditions=conditions,
                ),
                plan=plan,
                changes=context.repeats.unrepeated(changes),
            )
        )
    return passes


async def _told(
    context: Context,
    conversations: Conversations,
    passes: Sequence[_Pass | str],
    refused: Sequence[str],
) -> list[tuple[PassOutcome, str]]:
    """Tell of what is written. `refused`: of each pass why it is not, or ""."""
    stale = iter(refused)
    told: list[tuple[PassOutcome, str]] = []
    concerns_fleet, breath = False, Breath()
    for each in passes:
        await breath.take(0)
        if isinstance(each, str):
            told.append((PassOutcome.REFUSED, each))
        elif why := next(stale):
            conversations.ask(LookWish(host=each.judged.report.host))
            told.append((PassOutcome.STALE, f"stale: {why}"))
        else:
            _tell(context, conversations, each)
            concerns_fleet |= any(_changes_fleet(write) for write in each.changes.writes)
            told.append((PassOutcome.HELD if each.plan.held else PassOutcome.TAKEN, ""))
    if concerns_fleet:
        context.fleet = await fleet_now(context.store)
    return told


def _changes_fleet(write: Write) -> bool:
    """Whether there is more to it than a budget that is spent of."""
    return isinstance(write.after, Fleet) and write.after is not write.before


def _tell(context: Context, conversations: Conversations, passed: _Pass) -> None:
    """A pass was written: everybody hears of it whom it concerns."""
    report, plan, host = passed.judged.report, passed.plan, passed.plan.host.id
    context.accounts.settle(passed.judged, plan)
    whole = report.completeness is Completeness.COMPLETE
    context.pulses.reported(host, whole=whole and bool(report.vms or passed.judged.others))
    context.repeats.written(passed.changes)
    context.recorder.keep(passed.given, plan)
    context.figures.add(VIOLATIONS, by=len(plan.violations))
    _log_it(plan, passed.changes)
    for wish in plan.looks:
        conversations.ask(wish)
    conversations.decided(host, plan.commands, begun=passed.judged.begun)


def idle_under(conditions: Conditions, rows: HostRows, now: float) -> str:
    """Why nothing automatic is done on the host of `rows`, were a report of it taken in at `now`
    under these conditions."""
    return why_idle(circumstances(rows.fleet, rows.cluster, rows.host, conditions, now))


def _log_it(plan: Plan, changes: Changes) -> None:
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
