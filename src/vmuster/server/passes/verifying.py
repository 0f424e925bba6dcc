"""A plan under whose acts no mark is taken at a sighting's word.

That a mark was good when it was seen before is enough to know a VM by, and no proof to act on: rows
come out of backups, out of other releases and other hands. So the marks of those VMs to which a
plan would do something are verified by their signatures, and where one is not good it is decided
again, without its help.
"""

import msgspec

from vmuster.model.plan import Plan
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.recorded import Recorded
from vmuster.server.passes.judge import MarkJudge


def verified_plan(
    judge: MarkJudge, recorded: Recorded, report: HostReport, policy: Policy, now: float
) -> tuple[Recorded, Plan]:
    """What follows from `report` (see `reconcile`), and what it follows from: `recorded`, with the
    marks as they turned out. What would only be proposed to a person counts as an act."""
    while True:
        plan = reconcile(recorded, report, policy, now)
        acted_on = {command.vm for command in (*plan.commands, *plan.held_commands)}
        marks = recorded.marks | judge.verified(report, acted_on)
        if marks == recorded.marks:
            return recorded, plan
        recorded = msgspec.structs.replace(recorded, marks=marks)
