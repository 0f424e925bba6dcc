"""What to tell a person about hosts that are lost: each thing once, and one thing for a crowd.

A host that is lost is told of after a moment. Where by then so many are lost that the breaker is
open, that is what is told, and not each of them: a thousand alerts hide the one that matters. Who
is still lost a moment after the breaker has closed was left behind by the crowd, and is told of.
Kept in memory: after a server's start, what still lasts is told again.
"""

from collections.abc import Iterable
from typing import Final

from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.states import HostHealth

ALERT_AFTER_SECONDS: Final = 10.0
"""Hosts that go dark together are noticed one after another; until then it may be a crowd."""


class Alarms:
    """The alarms of one server."""

    def __init__(self) -> None:
        self._lost: dict[HostId, float] = {}
        self._told: set[HostId] = set()
        self._dark: dict[ClusterName, str] = {}

    def lost(self, hosts: Iterable[Host], now: float) -> list[Host]:
        """The hosts of whose loss a person is to be told now; `now`: by a monotonic clock.

        A host that never gave an account was not lost; one that was refused was told of then.
        """
        gone = {
            host.id: host
            for host in hosts
            if host.health is not HostHealth.UP
            and host.last_complete_at is not None
            and host.claims is None
        }
        self._lost = {
            host.id: now if host.cluster in self._dark else self._lost.get(host.id, now)
            for host in gone.values()
        }
        self._told &= gone.keys()
        told = [
            host
            for host in gone.values()
            if host.id not in self._told and now - self._lost[host.id] >= ALERT_AFTER_SECONDS
        ]
        self._told.update(host.id for host in told)
        return told

    def darkened(
        self, dark: dict[ClusterName, str]
    ) -> tuple[dict[ClusterName, str], list[ClusterName]]:
        """The clusters that are dark since the last call, with the reasons, and those that were."""
        new = {cluster: why for cluster, why in dark.items() if cluster not in self._dark}
        past = [cluster for cluster in self._dark if cluster not in dark]
        self._dark = dict(dark)
        return new, past
