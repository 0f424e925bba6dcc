"""Pages of what keeps automation back: why it is idle, its pace, its budgets, and what is held."""

from typing import Final

from vmuster.model.operations import PAUSES
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.states import OperationKind
from vmuster.reconcile.holds import EMPTIED
from vmuster.reconcile.limits import BUDGETS, Budget
from vmuster.reconcile.pages.page import Family, RulePage

_IDLE: Final = "Nothing is done automatically there. What people ask for is done all the same."
_LATER: Final = "Nothing that was left undone is lost: the next report says it again."
_ARM: Final = (
    "Ask who said so; then `vmuster arm`, with `--cluster` or `--host` as it was disarmed."
)


def _idle(name: str, when: str, says: str, why: str, remedy: str) -> RulePage:
    return RulePage(
        name=name,
        family=Family.IDLE,
        when=when,
        follows=_IDLE,
        why=f"{why} {_LATER}",
        remedy=remedy,
        laws=("L8",),
        says=says,
    )


_IDLES: Final = (
    RulePage(
        name="quarantine",
        family=Family.IDLE,
        when="The database is older than what its hosts show: a backup was restored.",
        follows="No command is sent, automatic or requested; hosts are only observed.",
        why="An old database takes our own VMs for strangers, and old wishes for present ones.",
        remedy="`vmuster quarantine show`, then restore a newer backup or"
        " `vmuster quarantine leave`.",
        laws=("L8", "L9"),
        says="the fleet is in quarantine: ",
    ),
    _idle(
        "disarmed-fleet",
        "A person disarmed automation on the whole fleet.",
        "automation is disarmed on the whole fleet",
        "A person's word counts at once.",
        _ARM,
    ),
    _idle(
        "disarmed-cluster",
        "A person disarmed automation on the cluster.",
        "automation is disarmed on cluster ",
        "A person's word counts at once.",
        _ARM,
    ),
    _idle(
        "disarmed-host",
        "Automation was disarmed on the host, by a person, or because it was away when a quarantine"
        " was left.",
        "automation is disarmed on host ",
        "A person's word counts at once.",
        _ARM,
    ),
    _idle(
        "breaker",
        "More than a share of the cluster's or fleet's hosts are not up, and at least three.",
        "the breaker of ",
        "When much is dark at once, it is more likely our own network than the hosts.",
        "Look at the network first; the breaker closes when enough hosts are up again.",
    ),
    _idle(
        "uncounted",
        "The server does not know how its hosts are: it started a moment ago, or its database did"
        " not answer.",
        "the hosts have not been counted yet",
        "First look, then judge.",
        "Wait. If it stays so, read the server's log.",
    ),
    _idle(
        "host-not-up",
        "The host gives no account, or gave one again only a moment ago.",
        "the host is {}, not up",
        "What a silent host's VMs do is not known.",
        "`vmuster host show HOST` says since when, and why.",
    ),
    _idle(
        "quiet-time",
        "The server started, stood still or had its clock set a moment ago (`quiet_seconds`).",
        "nothing is done automatically so soon after a start",
        "First look, then judge.",
        "Wait.",
    ),
)


def _waits(name: str, when: str, says: str, why: str, remedy: str) -> RulePage:
    return RulePage(
        name=name,
        family=Family.PACE,
        when=when,
        follows="Nothing is done by itself for now; a person's request is bound by none of it.",
        why=why,
        remedy=remedy,
        laws=("L8",),
        says=says,
    )


_PACES: Final = (
    _waits(
        "mode-not-automatic",
        "The host is not in manage.",
        "nothing is done automatically on a host in ",
        "In any other mode a person decides about each act.",
        "`vmuster host mode HOST manage`, when you mean it.",
    ),
    _waits(
        "mode-not-allowed",
        "The mode of the host does not allow what was asked for.",
        "is not allowed on a host in ",
        "The mode of a host says what may be done there, by anybody.",
        "`vmuster host mode HOST manage`, when you mean it; then ask again.",
    ),
    _waits(
        "another-operation",
        "Another operation on the VM is open.",
        "another operation on it is open",
        "One act at a time.",
        "Wait for it.",
    ),
    _waits(
        "failed-pause",
        "An automatic stop was tried and failed, and the pause before the next try is not over.",
        PAUSES.removeprefix("; "),
        "The pause doubles with each failure in a row, up to an hour: what fails for a reason that"
        " stays is not done to a guest again and again.",
        "`vmuster vm explain VM` says what failed. A request of yours is done at once, and takes"
        " the place of the pause.",
    ),
    _waits(
        "restart-pause",
        "An automatic start was tried, and the pause before the next try is not over.",
        "the next try is in ",
        "The pause doubles with each try, so that a VM that can't start is not started for ever.",
        "Wait, or start it yourself: `vmuster vm start VM`.",
    ),
    _waits(
        "restart-given-up",
        "It was started as often as `restart_tries_max` allows, without a good run between.",
        "starts without a good run: given up",
        "A VM that falls over again and again needs a person.",
        "Look at its guest; then `vmuster vm start VM`.",
    ),
    _waits(
        "restart-failed",
        "It was given up before, and has not run since.",
        "it failed too often and waits for a person",
        "A VM that falls over again and again needs a person.",
        "Look at its guest; then `vmuster vm start VM`.",
    ),
)

_BUDGETS: Final[tuple[tuple[str, str], ...]] = (
    ("stops-per-pass", "stops_per_pass_max"),
    ("stops-per-host", "stops_per_window_max"),
    ("stops-per-cluster", "cluster_stops_per_window_max"),
    ("stops-per-fleet", "stops_per_window_max"),
    ("starts-per-pass", "starts_per_pass_max"),
    ("starts-per-host", "starts_per_window_max"),
    ("starts-per-cluster", "cluster_starts_per_window_max"),
    ("starts-per-fleet", "starts_per_window_max"),
)
"""Beside the table of budgets, in its order: the name of each, and the setting that it is."""


def _limit(budget: Budget, name: str, setting: str) -> RulePage:
    whose = "vmuster fleet" if name.endswith("-fleet") else "vmuster cluster"
    of = "" if name.endswith("-fleet") else " NAME"
    act = "starts" if budget.act is OperationKind.START else "stops"
    return RulePage(
        name=name,
        family=Family.LIMIT,
        when=f"More automatic {act} {budget.where} than `{setting}` allows.",
        follows="Every automatic act of the pass is held, and waits for a person as one plan.",
        why=f"A mistake that {act} many VMs must not run ahead of the people who would notice it."
        f" Acts are counted over {WINDOW_SECONDS:g} s, longer than any burst of passes.",
        remedy="`vmuster plan list`, then approve or reject the plan. If it is right every day:"
        f" `{whose} policy set{of} {setting}=...`.",
        laws=("L8",),
        says=f"automatic {budget.act}{{}} {budget.where}",
    )


_LIMITS: Final = tuple(
    _limit(budget, *named) for budget, named in zip(BUDGETS, _BUDGETS, strict=True)
)


def _hold(name: str, when: str, says: str, follows: str, why: str, remedy: str) -> RulePage:
    return RulePage(
        name=name,
        family=Family.HOLD,
        when=when,
        follows=follows,
        why=why,
        remedy=remedy,
        laws=("L8",),
        says=says,
    )


_HOLDS: Final = (
    _hold(
        "held",
        "Automatic acts of a host are over a budget, and no person has decided about them.",
        "held for a person as plan",
        "Nothing automatic is done on that host until a person decides.",
        "Whoever reads the plan decides about exactly what they read: an act more makes another.",
        "`vmuster plan show ID`, then `vmuster plan approve ID` or `vmuster plan reject ID`.",
    ),
    _hold(
        "rejected",
        "A person rejected the plan in which this act was held.",
        "rejected by ",
        "The act is not done as long as any act of the plan is proposed.",
        "What a person refused is not proposed anew with every look.",
        "Do it yourself (`vmuster vm start VM`, `vmuster vm stop VM`), or change what asks for it.",
    ),
    _hold(
        "emptied",
        "A host on which VMs were gives an empty list, and nothing explains it.",
        EMPTIED,
        "Every automatic act of the pass is withheld, and the list changes nothing.",
        "An empty list is more often a broken connection than an empty host.",
        "Look at the host: `vmuster host show HOST`.",
    ),
)

PAGES: Final = (*_IDLES, *_PACES, *_LIMITS, *_HOLDS)
