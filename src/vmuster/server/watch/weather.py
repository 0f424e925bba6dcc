"""How many hosts are UP, as the last count says: what the breaker goes by.

Kept in memory and counted by the sweep; a trouble is noted at once, so that hosts that go dark
together stop all automatic acts before the next count. Every report asks, so the sums are kept.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import HostHealth, HostMode
from vmuster.reconcile import breaker
from vmuster.reconcile.breaker import Counted


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of one host. `claimed`: it is refused, for what it claims to be; `disarmed`:
    by itself."""

    id: HostId
    cluster: ClusterName
    mode: HostMode
    health: HostHealth
    last_complete_at: float | None
    claimed: bool
    disarmed: bool
    version: int


class Weather:
    """The counts of one server. A host that never gave an account does not count, nor does one in
    MAINTENANCE: that it is off is no news."""

    def __init__(self) -> None:
        self._hosts: dict[HostId, Noted] | None = None
        self._known: Counter[ClusterName] = Counter()
        self._lost: Counter[ClusterName] = Counter()

    def count(self, hosts: Iterable[Host]) -> None:
        """These are all the hosts, as they were just read; what was noted since is newer."""
        before = self._hosts or {}
        self.forget()
        self._hosts = {}
        for noted in map(_noted, hosts):
            self._note(max(before.get(noted.id, noted), noted, key=lambda one: one.version))

    def forget(self) -> None:
        """The count failed: it is not known how the hosts are."""
        self._hosts = None
        self._known.clear()
        self._lost.clear()

    def note(self, host: Host) -> None:
        """One host has just changed."""
        self._note(_noted(host))

    def _note(self, host: Noted) -> None:
        if self._hosts is None:
            return
        if before := self._hosts.get(host.id):
            self._add(before, -1)
        self._hosts[host.id] = host
        self._add(host, 1)

    def _add(self, host: Noted, number: int) -> None:
        if host.last_complete_at is None or host.mode is HostMode.MAINTENANCE:
            return
        self._known[host.cluster] += number
        self._lost[host.cluster] += number * (host.health is not HostHealth.UP)

    @property
    def hosts(self) -> Collection[Noted]:
        """The hosts as they were counted last; none where it is not known how they are."""
        return () if self._hosts is None else self._hosts.values()

    def counted(self, cluster: ClusterName) -> Counted | None:
        """The sums that matter for `cluster`; None where it is not known how the hosts are."""
        if self._hosts is None:
            return None
        return Counted(
            cluster_lost=self._lost[cluster],
            cluster_known=self._known[cluster],
            fleet_lost=self._lost.total(),
            fleet_known=self._known.total(),
        )

    def dark(self, cluster: ClusterName, policy: Policy, fleet_policy: FleetPolicy) -> str:
        """Why nothing automatic happens in `cluster` now, in words; "" where it may."""
        percents = policy.dark_percent_max, fleet_policy.dark_percent_max
        return breaker.dark(cluster, self.counted(cluster), *percents)


def _noted(host: Host) -> Noted:
    return Noted(
        id=host.id,
        cluster=ClusterName(sys.intern(host.cluster)),  # one for all of its hosts
        mode=host.mode,
        health=host.health,
        last_complete_at=host.last_complete_at,
        claimed=host.claims is not None,
        disarmed=host.disarmed is not None,
        version=host.version,
    )
