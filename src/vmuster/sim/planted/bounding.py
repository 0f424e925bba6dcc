"""Bugs of restraint: what keeps automation back, and does not."""

from typing import Any, Final

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import patch, says, without_rows

_BUDGETS: Final = "vmuster.reconcile.limits:BUDGETS"
_IDLE: Final = "vmuster.reconcile.idle"
_HOLDS: Final = "vmuster.reconcile.holds"


def _budget(scope: str) -> Any:
    return without_rows(_BUDGETS, scope, lambda budget: budget.where, count=2)


def _quarantine_alone(before: Any) -> Any:
    """The rows of fleet and cluster are not written with an automatic command."""

    def scopes(plan: Any, fleet: Any, cluster: Any, now: float) -> Any:
        return (w for w in before(plan, fleet, cluster, now) if w.before is not w.after)

    return scopes


def _armed(before: Any) -> Any:
    """As if nobody had disarmed anything."""

    def why_idle(now: Any) -> str:
        parts = ("fleet", "cluster", "host")
        armed = {part: msgspec.structs.replace(getattr(now, part), disarmed=None) for part in parts}
        return before(msgspec.structs.replace(now, **armed))

    return why_idle


def _loud(before: Any) -> Any:
    """As if the quiet time were over."""

    def why_idle(now: Any) -> str:
        return before(msgspec.structs.replace(now, quiet_seconds=0.0))

    return why_idle


def _light(before: Any) -> Any:
    """As if no breaker were open."""

    def why_idle(now: Any) -> str:
        return before(msgspec.structs.replace(now, dark=""))

    return why_idle


def _nothing_withheld(_before: Any) -> Any:
    def withheld(_acts: Any, _words: str) -> dict[VmUuid, str]:
        return {}

    return withheld


def _never_over(before: Any) -> Any:
    """An approval has no end."""

    def standing(recorded: Any, drafts: Any, report: Any, now: float) -> Any:
        hold = recorded.hold
        ends = hold is not None and hold.expires_at
        return before(recorded, drafts, report, 0.0 if ends else now)

    return standing


BOUNDING: Final = (
    Planted(
        name="budgets-are-ignored",
        what="However much a pass would do by itself, it is done.",
        laws=("L8",),
        patches=(says(f"{_HOLDS}:over_budget", ""),),
        off=("the second opinion",),
        shape="tight budgets",
    ),
    Planted(
        name="the-budget-of-a-host-is-forgotten",
        what="Automatic acts on one host are not added up.",
        laws=("L8",),
        patches=(_budget("on this host"),),
        off=("the second opinion",),
        shape="tight budgets",
    ),
    Planted(
        name="the-budget-of-a-cluster-is-forgotten",
        what="Automatic acts in one cluster are not added up.",
        laws=("L8",),
        patches=(_budget("in this cluster"),),
        off=("the second opinion",),
        shape="tight budgets",
    ),
    Planted(
        name="the-budget-of-the-fleet-is-forgotten",
        what="Automatic acts in the fleet are not added up.",
        laws=("L8",),
        patches=(_budget("in the fleet"),),
        off=("the second opinion",),
        shape="a tight budget of the fleet",
    ),
    Planted(
        name="two-passes-spend-one-budget",
        what="Nothing keeps two passes from spending the last of a budget at the same moment.",
        laws=("L8",),
        patches=(patch("vmuster.server.passes.writes:_scopes", _quarantine_alone),),
        off=("one transaction after another",),
        shape="a slow database and a tight budget",
    ),
    Planted(
        name="a-held-plan-is-carried-out",
        what="What is over a budget is written down for a person, and done all the same.",
        laws=("L8",),
        patches=(patch(f"{_HOLDS}:_all", _nothing_withheld),),
        off=("the second opinion",),
        shape="tight budgets",
    ),
    Planted(
        name="an-approval-has-no-end",
        what="What a person approved once may be done for ever.",
        laws=("L8",),
        patches=(patch(f"{_HOLDS}:_standing", _never_over),),
        off=("the second opinion",),
        shape="approvals",
    ),
    Planted(
        name="the-quiet-time-is-ignored",
        what="Automation acts as soon as a server has started.",
        laws=("L8",),
        patches=(patch("vmuster.server.passes.intake:why_idle", _loud),),
        shape="automation",
    ),
    Planted(
        name="the-breaker-is-ignored",
        what="Automation acts while much of the fleet is dark.",
        laws=("L8",),
        patches=(patch("vmuster.server.passes.intake:why_idle", _light),),
        shape="half in the dark",
    ),
    Planted(
        name="disarmed-is-ignored",
        what="Automation acts where a person has disarmed it.",
        laws=("L8",),
        patches=(patch("vmuster.server.passes.intake:why_idle", _armed),),
        shape="automation",
    ),
    Planted(
        name="the-mode-is-ignored",
        what="Anything may be done on a host, whatever its mode.",
        laws=("L1", "L8"),
        patches=(
            says("vmuster.reconcile.remedy:allows", True),
            says("vmuster.server.requests.operations:allows", True),
        ),
        off=("the second opinion", "the guard's look at the mode", "the read-only connection"),
    ),
    Planted(
        name="a-jump-of-the-clock-is-not-noticed",
        what="A clock that is set back makes automatic acts of before be forgotten.",
        laws=("L8",),
        patches=(says("vmuster.server.watch.quiet:QuietTime.jump", 0.0),),
        shape="a clock that is set back",
    ),
)
