"""Passes over a host of strays, each of which is to be stopped: what budgets and plans hold."""

import msgspec

from tests.parts import NOW
from tests.worlds import copy_of, ghost, together
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.plan import Plan
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Drift, UnknownVms
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.recorded import Recorded

POLICY = Policy(unknown_vms=UnknownVms.STOP_BY_MARK, drift=Drift.ENFORCE, stops_per_pass_max=2)
LATER = NOW + 60


def strays(*numbers: int, **recorded: object) -> tuple[Recorded, HostReport]:
    """A host that shows ghosts of these numbers, each of which is to be stopped."""
    known, report = together(*(copy_of(ghost(), number) for number in numbers))
    return msgspec.structs.replace(known, **recorded), report


def decide(inputs: tuple[Recorded, HostReport], now: float = NOW, **policy: object) -> Plan:
    """The pass, in which the second opinion finds nothing: what is withheld was not sent at all."""
    plan = reconcile(*inputs, msgspec.structs.replace(POLICY, **policy), now)
    assert plan.violations == ()
    return plan


def next_pass(plan: Plan, *numbers: int, now: float = NOW, **changes: object) -> Plan:
    """The pass after `plan`, over a newer report that shows these ghosts."""
    recorded, report = strays(*numbers, hold=plan.hold_after, **changes)
    return decide((recorded, msgspec.structs.replace(report, sequence=11)), now)


def said(plan: Plan, state: HoldState, **changes: object) -> Plan:
    """`plan`, of whose acts a person has said that."""
    assert plan.hold_after is not None
    expires = LATER if state is HoldState.APPROVED else None
    hold = msgspec.structs.replace(
        plan.hold_after, **({"state": state, "by": "bea", "expires_at": expires} | changes)
    )
    return msgspec.structs.replace(plan, hold_after=hold)


def stopped(plan: Plan) -> list[int]:
    return [command.vm.int for command in plan.commands]


def listed(plan: Plan) -> list[int]:
    return [act.vm.int for act in plan.hold_after.acts] if plan.hold_after is not None else []


def plan_of(plan: Plan) -> HeldPlan:
    assert plan.hold_after is not None
    return plan.hold_after


def over() -> Plan:
    return decide(strays(1, 2, 3))
