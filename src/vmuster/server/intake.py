"""A report's whole way through the server: load, judge, decide, commit, ask, send."""

import structlog

from vmuster.model.plan import LookWish, Plan
from vmuster.model.policy import STOP_WINDOW_SECONDS
from vmuster.model.report import HostReport
from vmuster.model.text import visible
from vmuster.reconcile.engine import reconcile
from vmuster.server.context import Context, Conversations
from vmuster.server.gather import gather
from vmuster.server.writes import changes_of

_log = structlog.get_logger("vmuster.intake")


async def take_in(context: Context, conversations: Conversations, report: HostReport) -> str:
    """Take `report` in; returns "" where it was applied, else why it was not, in words.

    A guard that fails means that somebody wrote in between: nothing is written, and the host is
    asked to look again (L7).
    """
    now = context.clock.now()
    rows = await context.store.load_host(
        report.host,
        [vm.uuid for vm in report.vms] + list(report.absent),
        [vm.name for vm in report.vms],
        since=now - STOP_WINDOW_SECONDS,
    )
    if rows is None:
        return "there is no such host"
    policy = rows.cluster.policy
    recorded = gather(
        rows,
        marks=context.judge.judge(report),
        intake=await context.intakes.next(),
        quiet_until=context.started_at + policy.quiet_seconds,
    )
    plan = reconcile(recorded, report, policy, now)
    if plan.refused:
        return plan.refused
    (stale,) = await context.store.commit((changes_of(plan, recorded, now),))
    if stale:
        conversations.ask(LookWish(host=report.host))
        return f"stale: {stale}"
    _tell(plan)
    for wish in plan.looks:
        conversations.ask(wish)
    if plan.commands:
        conversations.outbox_changed(report.host)
    return ""


def _tell(plan: Plan) -> None:
    """One log line per decision that changes something, in the core's words."""
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
    if plan.held:
        _log.warning("plan held", host=plan.host.id, why=plan.held)
    for law in plan.violations:
        _log.error("a law would have been broken", host=plan.host.id, law=law)
