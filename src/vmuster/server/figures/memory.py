"""Gauges that this server knows by heart: how its hosts are, and what keeps automation back.

The sweep has counted the hosts a moment ago. Where it could not, nobody knows how they are, and
nothing is said of them.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vmuster.model.host import Cluster
from vmuster.model.states import HostMode, OperationKind
from vmuster.server.context import Context
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.metric import Metric, Sample
from vmuster.server.watch.weather import Noted

_Place = tuple[str, ...]
"""A metric's name and the values of its labels."""
_OF_HOSTS: Final = {
    metric.name: metric
    for metric in (of.HOSTS, of.HOSTS_REFUSED, of.HOSTS_DISARMED, of.SILENCE, of.ACCOUNT_AGE)
}


def of_hosts(context: Context) -> Iterator[Sample]:
    """Of all hosts, added up by cluster."""
    now = context.clock.now()
    numbers: Counter[_Place] = Counter()
    ages: dict[_Place, float] = {}
    for host in context.weather.hosts:
        numbers[of.HOSTS.name, host.cluster, host.health, host.mode] += 1
        numbers[of.HOSTS_REFUSED.name, host.cluster] += host.claimed
        numbers[of.HOSTS_DISARMED.name, host.cluster] += host.disarmed
        if host.mode is not HostMode.MAINTENANCE:
            for metric, age in _ages(context, host, now):
                place = metric.name, host.cluster
                ages[place] = max(age, ages.get(place, 0.0))
    for (name, *labels), value in (*numbers.items(), *ages.items()):
        yield Sample(metric=_OF_HOSTS[name], value=value, labels=tuple(labels))


def _ages(context: Context, host: Noted, now: float) -> Iterator[tuple[Metric, float]]:
    yield of.SILENCE, context.pulses.signs(host.id).heard
    if host.last_complete_at is not None:
        yield of.ACCOUNT_AGE, now - host.last_complete_at


def of_fleet(context: Context) -> Iterator[Sample]:
    """Of the fleet as a whole."""
    fleet = context.fleet
    yield Sample(metric=of.QUARANTINE, value=fleet.quarantine is not None)
    yield Sample(metric=of.FLEET_DISARMED, value=fleet.disarmed is not None)
    limits = {
        OperationKind.START: fleet.policy.starts_per_window_max,
        OperationKind.STOP: fleet.policy.stops_per_window_max,
    }
    for act, limit in limits.items():
        yield Sample(metric=of.FLEET_LIMIT, value=limit, labels=(act,))


def of_cluster(context: Context, cluster: Cluster) -> Iterator[Sample]:
    """Of one cluster: what keeps automation back in it, and its budgets."""
    name, policy = cluster.name, cluster.policy
    dark = context.weather.dark(name, policy, context.fleet.policy)
    yield Sample(metric=of.BREAKER, value=bool(dark), labels=(name,))
    yield Sample(metric=of.CLUSTER_DISARMED, value=cluster.disarmed is not None, labels=(name,))
    left = context.quiet.left(policy.quiet_seconds)
    yield Sample(metric=of.QUIET, value=left, labels=(name,))
    limits = {
        OperationKind.START: policy.cluster_starts_per_window_max,
        OperationKind.STOP: policy.cluster_stops_per_window_max,
    }
    for act, limit in limits.items():
        yield Sample(metric=of.CLUSTER_LIMIT, value=limit, labels=(name, act))
        # that none was done yet is said too: else the first one is no rise
        yield Sample(metric=of.AUTOMATIC_ACTS, value=0, labels=(name, act))
