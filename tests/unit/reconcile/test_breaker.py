"""When much is dark at once nothing is done, and a small cluster's bad day is not much."""

import msgspec
import pytest

from tests.parts import CLUSTER
from vmuster.reconcile.breaker import UNCOUNTED, Counted, breaker, dark

FAIR = Counted(cluster_lost=0, cluster_known=10, fleet_lost=0, fleet_known=20)


@pytest.mark.parametrize(
    ("lost", "known", "percent", "opens"),
    [
        (0, 10, 20, False),
        (2, 2, 20, False),
        (2, 10, 1, False),
        (3, 15, 20, False),
        (3, 14, 20, True),
        (3, 3, 100, False),
        (4, 10, 30, True),
        (3, 10, 30, False),
        (2_001, 10_000, 20, True),
        (2_000, 10_000, 20, False),
    ],
)
def test_more_than_so_many_percent_and_never_fewer_than_three(
    lost: int, known: int, percent: int, opens: bool
) -> None:
    assert bool(breaker(lost, known, percent)) is opens


def test_it_says_how_many() -> None:
    assert breaker(4, 10, 30).startswith("4 of 10 hosts are not up, more than 30 %")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"cluster_lost": 3}, "the breaker of cluster cluster is open: 3 of 10"),
        ({"fleet_lost": 7}, "the breaker of the fleet is open: 7 of 20"),
        ({"cluster_lost": 3, "fleet_lost": 7}, "the breaker of cluster cluster is open: 3 of 10"),
    ],
)
def test_it_is_dark_in_a_cluster_for_its_own_hosts_or_for_the_fleets(
    changes: dict[str, int], words: str
) -> None:
    said = dark(CLUSTER, msgspec.structs.replace(FAIR, **changes), 20, 30)
    assert said.startswith(words)
    assert bool(said) is bool(words)


def test_where_nobody_counted_it_is_dark() -> None:
    assert dark(CLUSTER, None, 20, 30) == UNCOUNTED
