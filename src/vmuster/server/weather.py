"""How many hosts are UP, as the last count says: what the breaker goes by.

Kept in memory and counted by the sweep; a trouble is noted at once, so that hosts that go dark
together stop all automatic acts before the next count. Every report asks, so the sums are kept.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import HostHealth
from vmuster.reconcile.breaker import breaker

_UNCOUNTED: Final = "the hosts have not been counted yet"


class Weather:
    """The counts of one server. A host that never gave an account does not count."""

    def __init__(self) -> None:
        self._hosts: dict[HostId, Host] | None = None
        self._known: Counter[ClusterName] = Counter()
        self._lost: Counter[ClusterName] = Counter()

    def count(self, hosts: Iterable[Host]) -> None:
        """These are all the hosts, as they were just read; what was noted since is newer."""
        before = self._hosts or {}
        self._hosts = {
            host.id: max(host, before.get(host.id, host), key=lambda one: one.version)
            for host in hosts
            if host.last_complete_at is not None
        }
        self._known = Counter(host.cluster for host in self._hosts.values())
        self._lost = Counter(host.cluster for host in self._hosts.values() if _is_lost(host))

    def forget(self) -> None:
        """The count failed: it is not known how the hosts are."""
        self._hosts = None

    def note(self, host: Host) -> None:
        """One host has just changed."""
        if self._hosts is None or host.last_complete_at is None:
            return
        before = self._hosts.get(host.id)
        if before is not None:
            self._known[before.cluster] -= 1
            self._lost[before.cluster] -= _is_lost(before)
        self._hosts[host.id] = host
        self._known[host.cluster] += 1
        self._lost[host.cluster] += _is_lost(host)

    def dark(self, cluster: ClusterName, policy: Policy, fleet_policy: FleetPolicy) -> str:
        """Why nothing automatic happens in `cluster` now, in words; "" where it may."""
        if self._hosts is None:
            return _UNCOUNTED
        here, known = self._lost[cluster], self._known[cluster]
        if why := breaker(here, known, policy.dark_percent_max):
            return f"the breaker of cluster {cluster} is open: {why}"
        if why := breaker(self._lost.total(), self._known.total(), fleet_policy.dark_percent_max):
            return f"the breaker of the fleet is open: {why}"
        return ""


def _is_lost(host: Host) -> bool:
    return host.health is not HostHealth.UP
