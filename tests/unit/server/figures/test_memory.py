"""Gauges of what the server knows by heart."""

from collections.abc import Iterable, Mapping

import msgspec
import pytest

from tests.servers import Bench
from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostUuid
from vmuster.model.states import HostHealth, HostMode
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.memory import of_cluster, of_fleet, of_hosts
from vmuster.server.figures.metric import Metric, Sample

pytestmark = pytest.mark.anyio
DISARMED = Disarmed(by="ann", at=1.0)


def told(samples: Iterable[Sample], metric: Metric) -> dict[tuple[str, ...], float]:
    return {each.labels: each.value for each in samples if each.metric == metric}


async def counted(parts: Bench, *changes: Mapping[str, object]) -> Host:
    """Have hosts counted that differ from one that is well."""
    host = msgspec.structs.replace(
        await parts.host(), health=HostHealth.UP, last_complete_at=parts.clock.now()
    )
    parts.context.weather.count(
        msgspec.structs.replace(host, id=f"{number}", **change)
        for number, change in enumerate(changes)
    )
    return host


async def test_hosts_are_counted_by_cluster_health_and_mode(parts: Bench) -> None:
    east = {"cluster": ClusterName("east")}
    await counted(parts, {}, {}, {"mode": HostMode.OBSERVE}, {"health": HostHealth.SUSPECT} | east)
    assert told(of_hosts(parts.context), of.HOSTS) == {
        ("default", "up", "manage"): 2,
        ("default", "up", "observe"): 1,
        ("east", "suspect", "manage"): 1,
    }


async def test_hosts_that_were_refused_or_disarmed_are_counted(parts: Bench) -> None:
    claims: dict[str, object] = {"claims": HostUuid(parts.clock.uuid())}
    await counted(parts, {}, claims, {"disarmed": DISARMED}, {"disarmed": DISARMED})
    samples = list(of_hosts(parts.context))
    assert told(samples, of.HOSTS_REFUSED) == {("default",): 1}
    assert told(samples, of.HOSTS_DISARMED) == {("default",): 2}


async def test_the_oldest_account_and_the_longest_silence_count(parts: Bench) -> None:
    await counted(parts, {}, {"last_complete_at": parts.clock.now() - 70}, {})
    list(of_hosts(parts.context))  # from now on their agents are listened for
    parts.clock.pass_by(30)
    parts.context.pulses.heard((await parts.host("beta")).id)
    samples = list(of_hosts(parts.context))
    assert told(samples, of.ACCOUNT_AGE) == {("default",): 100}
    assert told(samples, of.SILENCE) == {("default",): 30}


async def test_in_maintenance_nobody_is_late(parts: Bench) -> None:
    late = {"mode": HostMode.MAINTENANCE, "last_complete_at": 1.0}
    await counted(parts, late, {"last_complete_at": None, "mode": HostMode.MAINTENANCE})
    samples = list(of_hosts(parts.context))
    assert told(samples, of.ACCOUNT_AGE) == told(samples, of.SILENCE) == {}
    assert told(samples, of.HOSTS) == {("default", "up", "maintenance"): 2}


async def test_where_hosts_were_not_counted_nothing_is_said_of_them(parts: Bench) -> None:
    await counted(parts, {})
    parts.context.weather.forget()
    assert list(of_hosts(parts.context)) == []


@pytest.mark.parametrize(
    ("change", "metric"),
    [
        ({"quarantine": Quarantine(since=1.0, evidence=(), highest=1)}, of.QUARANTINE),
        ({"disarmed": DISARMED}, of.FLEET_DISARMED),
    ],
)
async def test_what_holds_the_fleet_back_is_told(
    parts: Bench, change: dict[str, object], metric: Metric
) -> None:
    context = parts.context
    assert told(of_fleet(context), metric) == {(): 0}
    context.fleet = msgspec.structs.replace(context.fleet, **change)
    assert told(of_fleet(context), metric) == {(): 1}
    assert told(of_fleet(context), of.FLEET_LIMIT) == {("start",): 200, ("stop",): 100}


async def test_what_holds_a_cluster_back_is_told(parts: Bench) -> None:
    cluster = await parts.policy(quiet_seconds=60, cluster_stops_per_window_max=7)
    calm = list(of_cluster(parts.context, cluster))
    assert told(calm, of.BREAKER) == told(calm, of.CLUSTER_DISARMED) == {("default",): 0}
    assert told(calm, of.QUIET) == {("default",): 60}
    assert set(told(calm, of.AUTOMATIC_ACTS).values()) == {0}
    assert told(calm, of.CLUSTER_LIMIT) == {("default", "start"): 100, ("default", "stop"): 7}
    parts.context.weather.forget()
    held = list(of_cluster(parts.context, msgspec.structs.replace(cluster, disarmed=DISARMED)))
    assert told(held, of.BREAKER) == told(held, of.CLUSTER_DISARMED) == {("default",): 1}
