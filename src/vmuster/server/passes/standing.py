"""What the plans of one transaction leave to each other: the fleet, the clusters, what is spent.

All of them are judged on what was read at one moment. A plan with automatic commands writes the
rows of its fleet and its cluster, and spends of their budgets; the next one goes by what that
leaves. Where the first is refused, the next one's guard fails, and it is judged again. An orphan
that one shows holds the stops of its cluster in the next one, be the first refused or not. So it is
with the plans of the next transaction, too, where that is judged before this one is written.
"""

from collections import Counter
from typing import Final

import msgspec

from vmuster.model.automation import Spent
from vmuster.model.changes import Changes
from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName
from vmuster.model.plan import Plan
from vmuster.model.states import Standing as VmStanding
from vmuster.ports.store import HostRows

_STOPS: Final = "stops"
_STARTS: Final = "starts"
_ORPHANS: Final = "orphans"
_ACTS: Final[dict[type[Command], str]] = {StopVm: _STOPS, StartVm: _STARTS}
_Counted = Counter[tuple[ClusterName | None, str]]
"""What there is more of in a cluster, or (None) in the fleet, than rows say that were read."""


class Standing:
    """The rows above the hosts of a transaction, as the plans so far leave them."""

    def __init__(self) -> None:
        self._fleet: Fleet | None = None
        self._clusters: dict[ClusterName, Cluster] = {}
        self._own = _Counted()
        self._all = _Counted()
        self._is_written = False

    @property
    def holds(self) -> bool:
        """Whether who goes by it goes by the truth: all was written as it was judged, or there is
        nothing to go by."""
        return self._is_written or self._is_bare

    def written(self) -> None:
        """All plans so far are written."""
        self._is_written = True

    def onward(self, fleet: Fleet) -> "Standing":
        """For a transaction that is judged while this one is being written. Whether its rows show
        what this one leaves, or do not yet, says the version of the `fleet` among them. Of orphans
        it does not: one that is counted twice holds no more than one."""
        after = Standing()
        ahead = self._fleet is not None and fleet.version < self._fleet.version
        if ahead:
            after._fleet, after._clusters = self._fleet, dict(self._clusters)
        after._all.update({of: many for of, many in self._own.items() if ahead or _ORPHANS in of})
        return after

    def rows(self, rows: HostRows) -> HostRows:
        """`rows` of a host that is not among those so far, as they will be found."""
        if self._is_bare:
            return rows
        more, name, spent = self._all, rows.cluster.name, rows.spent
        return msgspec.structs.replace(
            rows,
            fleet=self._fleet or rows.fleet,
            cluster=self._clusters.get(name, rows.cluster),
            orphans=rows.orphans + more[name, _ORPHANS],
            spent=Spent(
                host_stops=spent.host_stops,
                host_starts=spent.host_starts,
                cluster_stops=spent.cluster_stops + more[name, _STOPS],
                cluster_starts=spent.cluster_starts + more[name, _STARTS],
                fleet_stops=spent.fleet_stops + more[None, _STOPS],
                fleet_starts=spent.fleet_starts + more[None, _STARTS],
            ),
        )

    def follow(self, plan: Plan, changes: Changes) -> None:
        """One more plan, and what it writes."""
        for write in changes.writes:
            match write.before, write.after:
                case Fleet(version=version), Fleet() as fleet:
                    self._fleet = msgspec.structs.replace(fleet, version=version + 1)
                case Cluster(version=version), Cluster() as cluster:
                    after = msgspec.structs.replace(cluster, version=version + 1)
                    self._clusters[cluster.name] = after
                case _:
                    pass
        for sighting in plan.sightings:
            if sighting.standing is VmStanding.ORPHAN:
                self._count(plan.host.cluster, _ORPHANS)
        for command in plan.commands:
            act = _ACTS.get(type(command))
            if command.automatic and act is not None:
                self._count(plan.host.cluster, act)
                self._count(None, act)

    def _count(self, cluster: ClusterName | None, what: str) -> None:
        self._own[cluster, what] += 1
        self._all[cluster, what] += 1

    @property
    def _is_bare(self) -> bool:
        return self._fleet is None and not self._clusters and not self._all
