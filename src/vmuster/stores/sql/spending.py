"""What is counted for passes: orphans of clusters, and automatic acts of hosts."""

from collections import Counter
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, Select, bindparam, func, select

from vmuster.model.automation import Spent
from vmuster.model.host import Host
from vmuster.model.states import Standing
from vmuster.ports.store import SPENT_SECONDS_MAX
from vmuster.stores.sql.questions import PART, slices
from vmuster.stores.sql.tables import HOST, OUTBOX, SHOWN, SIGHTING

_STOP: Final = "stop_vm"
_START: Final = "start_vm"

_ORPHANS: Final[Select[str, int]] = (
    select(HOST.c.cluster, func.count())
    .select_from(SIGHTING.join(HOST, HOST.c.id == SIGHTING.c.host))
    .where(
        SIGHTING.c.standing == Standing.ORPHAN.value,
        SHOWN,
        HOST.c.cluster.in_(bindparam(PART, expanding=True)),
    )
    .group_by(HOST.c.cluster)
)
"""How many orphans the hosts of clusters show."""

_OF_HOSTS: Final = (
    select(OUTBOX.c.act, OUTBOX.c.host, func.count().label("many"))
    .where(
        OUTBOX.c.automatic.is_(True),
        OUTBOX.c.created_at.between(bindparam("since"), bindparam("until")),
        OUTBOX.c.act.in_((_STOP, _START)),
    )
    .group_by(OUTBOX.c.act, OUTBOX.c.host)
    .subquery("acts")
)
_ACTS: Final[Select[str, str, str, int]] = select(
    _OF_HOSTS.c.act, _OF_HOSTS.c.host, HOST.c.cluster, _OF_HOSTS.c.many
).select_from(_OF_HOSTS.outerjoin(HOST, HOST.c.id == _OF_HOSTS.c.host))
"""How many acts of each sort went automatically into the outbox (`HostRows` says when), for each
host that has some, with the cluster in which it is now; hosts long removed included."""


def count_orphans(connection: Connection, clusters: Collection[str]) -> dict[str, int]:
    """How many orphans each of the clusters has that has any."""
    return {
        cluster: count
        for part in slices(sorted(clusters))
        for cluster, count in connection.execute(_ORPHANS, {PART: part})
    }


class Acts:
    """Automatic acts since a moment, by host, by cluster and in the fleet."""

    def __init__(self, connection: Connection, since: float) -> None:
        self._by_host = Counter[tuple[str, str]]()
        self._by_cluster = Counter[tuple[str, str | None]]()
        self._in_fleet = Counter[str]()
        window = {"since": since, "until": since + SPENT_SECONDS_MAX}
        for act, host, cluster, count in connection.execute(_ACTS, window):
            self._by_host[act, host] += count
            self._by_cluster[act, cluster] += count
            self._in_fleet[act] += count

    def spent(self, host: Host) -> Spent:
        """What of the budgets of `host`, its cluster and the fleet is spent."""
        return Spent(
            host_stops=self._by_host[_STOP, host.id],
            host_starts=self._by_host[_START, host.id],
            cluster_stops=self._by_cluster[_STOP, host.cluster],
            cluster_starts=self._by_cluster[_START, host.cluster],
            fleet_stops=self._in_fleet[_STOP],
            fleet_starts=self._in_fleet[_START],
        )
