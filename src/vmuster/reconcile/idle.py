"""Why nothing at all is done automatically on a host now: one table, the first that holds.

A person's request is bound by none of these but the quarantine. What is idle comes back by
itself or by a person; nothing that was left undone is lost, for the next report says it again.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.states import HostHealth
from vmuster.reconcile.breaker import Counted, dark
from vmuster.reconcile.silence import reported


class Calm(msgspec.Struct, frozen=True, kw_only=True):
    """Since when there is calm: `seconds` since the quiet time began, and `jumped_seconds` that are
    left at least, since the wall clock was set; below 0 where none are."""

    seconds: float
    jumped_seconds: float

    def left(self, seconds: float) -> float:
        """How much is left, in seconds, of a quiet time of `seconds`."""
        return max(0.0, seconds - self.seconds, self.jumped_seconds)


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What automation depends on and no row says: how the hosts are, and since when there is calm.

    `counted` None: the hosts have not been counted."""

    counted: Counted | None
    calm: Calm


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """All that automation depends on, apart from what it would do.

    `host` as it is with the account that is being judged. `dark`: why the breaker is open, in
    words, empty where it is not. `quiet_seconds`: what is left of the quiet time after a start.
    No reason counts seconds: words that change with every report would be news with every report.
    """

    fleet: Fleet
    cluster: Cluster
    host: Host
    dark: str
    quiet_seconds: float


def circumstances(
    fleet: Fleet, cluster: Cluster, host: Host, conditions: Conditions, now: float
) -> Circumstances:
    """What automation on `host` depends on, were an account of it taken in at `now`, under the
    policy of `cluster`."""
    policy = cluster.policy
    percents = policy.dark_percent_max, fleet.policy.dark_percent_max
    return Circumstances(
        fleet=fleet,
        cluster=cluster,
        host=reported(host, policy, now),
        dark=dark(cluster.name, conditions.counted, *percents),
        quiet_seconds=conditions.calm.left(policy.quiet_seconds),
    )


def why_idle(now: Circumstances) -> str:
    """Why nothing is done automatically, in words; empty where automation may act."""
    return next((words for reason in _REASONS if (words := reason(now))), "")


def why_quarantined(quarantine: Quarantine | None) -> str:
    """Why no command at all is sent, automatic or requested; empty where there is no quarantine."""
    return older_database("; ".join(quarantine.evidence[:1])) if quarantine is not None else ""


def older_database(evidence: str) -> str:
    """Why a fleet whose database is older than its hosts is in quarantine, in words."""
    return f"the fleet is in quarantine: its database is older than its hosts ({evidence})"


def _disarmed(what: str, said: Disarmed | None) -> str:
    if said is None:
        return ""
    why = f": {said.why}" if said.why else ""
    return f"automation is disarmed on {what} by {said.by}{why}"


def _not_up(now: Circumstances) -> str:
    host = now.host
    return "" if host.health is HostHealth.UP else f"the host is {host.health}, not up"


def _quiet(now: Circumstances) -> str:
    soon = now.quiet_seconds > 0
    return "nothing is done automatically so soon after a start" if soon else ""


_REASONS: Final[tuple[Callable[[Circumstances], str], ...]] = (
    lambda now: why_quarantined(now.fleet.quarantine),
    lambda now: _disarmed("the whole fleet", now.fleet.disarmed),
    lambda now: _disarmed(f"cluster {now.cluster.name}", now.cluster.disarmed),
    lambda now: _disarmed(f"host {now.host.name}", now.host.disarmed),
    lambda now: now.dark,
    _not_up,
    _quiet,
)
