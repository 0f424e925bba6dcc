"""How much may happen by itself (L8), as data: scope × act → what is allowed, and what is spent.

Budgets bind automatic acts only, never a person's request. What is over one of them is held.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from vmuster.model.automation import Spent
from vmuster.model.policy import WINDOW_SECONDS, FleetPolicy, Policy
from vmuster.model.states import OperationKind
from vmuster.model.text import counted
from vmuster.reconcile.recorded import Recorded

Acts = Counter[OperationKind]
"""How many automatic acts of each kind."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many acts of a kind in a scope; `spent` are those before this pass."""

    act: OperationKind
    where: str
    allowed: Callable[[Policy, FleetPolicy], int]
    spent: Callable[[Spent], int]


def _row(
    act: OperationKind,
    where: str,
    allowed: Callable[[Policy, FleetPolicy], int],
    spent: Callable[[Spent], int],
) -> Budget:
    return Budget(act=act, where=where, allowed=allowed, spent=spent)


_ON, _OFF = OperationKind.START, OperationKind.STOP
_WINDOW: Final = f"within {WINDOW_SECONDS:g} s"
_PASS, _HOST = "in one pass", f"on this host {_WINDOW}"
_CLUSTER, _FLEET = f"in this cluster {_WINDOW}", f"in the fleet {_WINDOW}"

BUDGETS: Final[tuple[Budget, ...]] = (
    _row(_OFF, _PASS, lambda p, _: p.stops_per_pass_max, lambda _: 0),
    _row(_OFF, _HOST, lambda p, _: p.stops_per_window_max, lambda s: s.host_stops),
    _row(_OFF, _CLUSTER, lambda p, _: p.cluster_stops_per_window_max, lambda s: s.cluster_stops),
    _row(_OFF, _FLEET, lambda _, f: f.stops_per_window_max, lambda s: s.fleet_stops),
    _row(_ON, _PASS, lambda p, _: p.starts_per_pass_max, lambda _: 0),
    _row(_ON, _HOST, lambda p, _: p.starts_per_window_max, lambda s: s.host_starts),
    _row(_ON, _CLUSTER, lambda p, _: p.cluster_starts_per_window_max, lambda s: s.cluster_starts),
    _row(_ON, _FLEET, lambda _, f: f.starts_per_window_max, lambda s: s.fleet_starts),
)


def over_budget(acts: Acts, policy: Policy, recorded: Recorded) -> str:
    """The first budget that `acts` would overdraw, in words; empty where they are within all."""
    for budget in BUDGETS if acts else ():
        allowed = budget.allowed(policy, recorded.fleet_policy)
        total = budget.spent(recorded.spent) + acts[budget.act]
        if acts[budget.act] and total > allowed:
            wanted = counted(total, f"automatic {budget.act}")
            allow = "is" if allowed == 1 else "are"
            return f"{wanted} {budget.where}; at most {allowed} {allow} allowed"
    return ""
