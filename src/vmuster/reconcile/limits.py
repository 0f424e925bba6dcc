"""How much may happen at once (L8): what is over budget is held for a person.

Budgets bind automatic acts only, never a person's request.
"""

from collections.abc import Sequence

from vmuster.model.commands import StartVm, StopVm
from vmuster.model.policy import STOP_WINDOW_SECONDS, Policy
from vmuster.reconcile.draft import Draft


def bound(drafts: Sequence[Draft], policy: Policy, recent_stops: int, emptied: bool) -> str:
    """Why the automatic commands of this pass are held, in words; empty where they may go.

    `recent_stops`: automatic stops on this host within the window. `emptied`: the report is an
    unexplained empty list.
    """
    commands = [draft.command for draft in drafts if draft.automatic]
    stops = sum(isinstance(command, StopVm) for command in commands)
    starts = sum(isinstance(command, StartVm) for command in commands)
    if emptied:
        return "the list is empty where VMs were"
    if stops > policy.stops_per_pass_max:
        return (
            f"{stops} automatic stops in one pass; at most {policy.stops_per_pass_max} are allowed"
        )
    if stops and recent_stops + stops > policy.stops_per_window_max:
        return (
            f"{recent_stops + stops} automatic stops on this host within {STOP_WINDOW_SECONDS:g} s;"
            f" at most {policy.stops_per_window_max} are allowed"
        )
    if starts > policy.starts_per_pass_max:
        most = policy.starts_per_pass_max
        return f"{starts} automatic starts in one pass; at most {most} are allowed"
    return ""
