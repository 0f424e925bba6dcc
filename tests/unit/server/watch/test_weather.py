"""How many hosts are up, and what the breaker makes of it in a cluster and in the fleet."""

import msgspec
import pytest

from tests.parts import CLUSTER, host
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import HostHealth, HostMode
from vmuster.reconcile.breaker import Counted
from vmuster.server.watch.weather import Weather

UP, SUSPECT, UNREACHABLE, FENCED = HostHealth
POLICY, FLEET = Policy(dark_percent_max=20), FleetPolicy(dark_percent_max=30)
FAR = ClusterName("far")


def hosts(up: int, lost: int, cluster: ClusterName = CLUSTER) -> list[Host]:
    healths = [UP] * up + [SUSPECT, UNREACHABLE, FENCED] * lost
    return [
        msgspec.structs.replace(
            host(),
            id=HostId(f"{cluster}-{number}"),
            cluster=cluster,
            health=health,
            last_complete_at=1.0,
        )
        for number, health in enumerate(healths[: up + lost])
    ]


def dark(*counted: Host, cluster: ClusterName = CLUSTER) -> str:
    weather = Weather()
    weather.count(counted)
    return weather.dark(cluster, POLICY, FLEET)


def test_before_the_first_count_it_is_dark() -> None:
    assert Weather().dark(CLUSTER, POLICY, FLEET) == "the hosts have not been counted yet"


def test_after_a_count_that_failed_it_is_dark() -> None:
    weather = Weather()
    weather.count(hosts(3, 0))
    weather.forget()
    assert weather.dark(CLUSTER, POLICY, FLEET) == "the hosts have not been counted yet"


def test_the_hosts_are_told_as_they_were_counted() -> None:
    weather, crowd = Weather(), hosts(2, 0)
    assert list(weather.hosts) == []
    weather.count(crowd)
    assert [each.id for each in weather.hosts] == [each.id for each in crowd]
    weather.forget()
    assert list(weather.hosts) == []


def test_a_fleet_without_hosts_is_not_dark() -> None:
    assert dark() == ""


def test_the_breaker_of_a_cluster_goes_by_its_own_hosts() -> None:
    crowd = [*hosts(7, 3), *hosts(90, 0, FAR)]
    assert dark(*crowd).startswith("the breaker of cluster cluster is open: 3 of 10 hosts")
    assert dark(*crowd, cluster=FAR) == ""


def test_the_breaker_of_the_fleet_holds_clusters_that_are_well() -> None:
    crowd = [*hosts(6, 4), *hosts(3, 0, FAR)]
    assert "4 of 13" in dark(*crowd, cluster=FAR)
    assert dark(*hosts(6, 4), *hosts(4, 0, FAR), cluster=FAR) == "", "4 of 14 are fewer than 30 %"


def test_who_never_gave_an_account_does_not_count() -> None:
    new = [msgspec.structs.replace(one, last_complete_at=None) for one in hosts(5, 3)[5:]]
    assert dark(*hosts(5, 0), *new) == ""
    assert dark(*hosts(5, 3)) != ""


def test_a_host_in_maintenance_does_not_count() -> None:
    weather, all_ = Weather(), hosts(7, 3)
    off = [msgspec.structs.replace(one, mode=HostMode.MAINTENANCE, version=1) for one in all_[7:]]
    weather.count(all_)
    assert weather.dark(CLUSTER, POLICY, FLEET) != ""
    for one in off:
        weather.note(one)
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""
    weather.count([*all_[:7], *off])
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""
    weather.note(msgspec.structs.replace(off[0], mode=HostMode.MANAGE, version=2))
    weather.note(msgspec.structs.replace(off[1], mode=HostMode.MANAGE, version=2))
    weather.note(msgspec.structs.replace(off[2], mode=HostMode.MANAGE, version=2))
    assert "3 of 10" in weather.dark(CLUSTER, POLICY, FLEET), "and counts again"


def test_what_is_noted_counts_at_once_and_outlives_an_older_count() -> None:
    weather, before = Weather(), hosts(10, 0)
    weather.note(before[0])
    assert weather.dark(CLUSTER, POLICY, FLEET), "a note is no count"
    weather.count(before)
    for one in before[:3]:
        weather.note(msgspec.structs.replace(one, health=SUSPECT, version=one.version + 1))
    assert weather.dark(CLUSTER, POLICY, FLEET)
    weather.count(before)
    assert weather.dark(CLUSTER, POLICY, FLEET), "it was read before the note"
    weather.count([msgspec.structs.replace(one, version=one.version + 2) for one in before])
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""


def test_a_host_that_is_gone_counts_no_more() -> None:
    weather = Weather()
    weather.count(hosts(4, 3))
    weather.count(hosts(4, 0))
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""


@pytest.mark.parametrize("noted", hosts(1, 0))
def test_a_new_host_is_no_news_of_the_weather(noted: Host) -> None:
    weather = Weather()
    weather.count(hosts(2, 2))
    for number in range(3):
        weather.note(
            msgspec.structs.replace(
                noted, id=HostId(f"new-{number}"), health=SUSPECT, last_complete_at=None
            )
        )
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""


def test_notes_keep_the_sums_of_a_count() -> None:
    """A host that goes, comes back and changes its cluster counts once, where it is."""
    weather, (one, *others) = Weather(), hosts(3, 2)
    weather.count([one, *others])
    gone = msgspec.structs.replace(one, health=SUSPECT, version=1)
    weather.note(gone)
    weather.note(gone)
    assert "of cluster cluster is open: 3 of 5" in weather.dark(CLUSTER, POLICY, FLEET)
    weather.note(msgspec.structs.replace(one, version=2))
    assert weather.dark(CLUSTER, POLICY, FLEET) == ""
    weather.note(msgspec.structs.replace(gone, cluster=FAR, version=3))
    assert "of the fleet is open: 3 of 5" in weather.dark(CLUSTER, POLICY, FLEET)


def test_the_sums_are_told_for_whoever_judges_later() -> None:
    weather = Weather()
    assert weather.counted(CLUSTER) is None
    weather.count([*hosts(2, 1), *hosts(4, 2, FAR)])
    counted = Counted(cluster_lost=1, cluster_known=3, fleet_lost=3, fleet_known=9)
    assert weather.counted(CLUSTER) == counted
