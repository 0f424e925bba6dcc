"""What the plans of one transaction leave to each other: the fleet, the clusters, what is spent.

All of them are judged on what was read at one moment. A plan with automatic commands writes the
rows of its fleet and its cluster, and spends of their budgets; the next one goes by what that
leaves. Where the first is refused, the next one's guard fails, and it is judged again.
"""

from collections import Counter
from typing import Final

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName
from vmuster.model.plan import Plan
from vmuster.ports.store import HostRows

_ACTS: Final[dict[type[Command], str]] = {StopVm: "stops", StartVm: "starts"}


class Standing:
    """The rows above the hosts of a transaction, as the plans so far leave them."""

    def __init__(self) -> None:
        self._fleet: Fleet | None = None
        self._clusters: dict[ClusterName, Cluster] = {}
        self._spent: Counter[tuple[ClusterName | None, str]] = Counter()

    def rows(self, rows: HostRows) -> HostRows:
        """`rows` of a host that is not among those so far, as they will be found."""
        if self._fleet is None and not self._clusters:
            return rows
        name = rows.cluster.name
        more = {
            f"{scope}_{act}": getattr(rows.spent, f"{scope}_{act}") + self._spent[of, act]
            for scope, of in (("cluster", name), ("fleet", None))
            for act in _ACTS.values()
        }
        return msgspec.structs.replace(
            rows,
            fleet=self._fleet or rows.fleet,
            cluster=self._clusters.get(name, rows.cluster),
            spent=msgspec.structs.replace(rows.spent, **more),
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
        for command in plan.commands:
            act = _ACTS.get(type(command))
            if command.automatic and act is not None:
                self._spent[plan.host.cluster, act] += 1
                self._spent[None, act] += 1
