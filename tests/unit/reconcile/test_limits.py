"""How much may happen by itself: each budget by itself, and acts of one kind only."""

from collections import Counter

import msgspec
import pytest

from tests.worlds import owned
from vmuster.model.automation import Spent
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import OperationKind
from vmuster.reconcile.limits import BUDGETS, over_budget

STOP, START = OperationKind.STOP, OperationKind.START
POLICY = Policy(
    stops_per_pass_max=3,
    stops_per_window_max=5,
    cluster_stops_per_window_max=8,
    starts_per_pass_max=2,
    starts_per_window_max=6,
    cluster_starts_per_window_max=9,
)
FLEET = FleetPolicy(stops_per_window_max=12, starts_per_window_max=15)
CASES = [
    (STOP, 3, Spent(), ""),
    (STOP, 4, Spent(), "4 automatic stops in one pass; at most 3"),
    (STOP, 3, Spent(host_stops=2), ""),
    (STOP, 3, Spent(host_stops=3), "6 automatic stops on this host within 600 s; at most 5"),
    (STOP, 2, Spent(cluster_stops=6), ""),
    (STOP, 3, Spent(cluster_stops=6), "9 automatic stops in this cluster within 600 s; at most 8"),
    (STOP, 2, Spent(fleet_stops=10), ""),
    (STOP, 3, Spent(fleet_stops=10), "13 automatic stops in the fleet within 600 s; at most 12"),
    (START, 2, Spent(), ""),
    (START, 3, Spent(), "3 automatic starts in one pass; at most 2"),
    (START, 1, Spent(host_starts=5), ""),
    (START, 2, Spent(host_starts=5), "7 automatic starts on this host within 600 s; at most 6"),
    (START, 1, Spent(cluster_starts=8), ""),
    (START, 2, Spent(cluster_starts=8), "10 automatic starts in this cluster within 600 s"),
    (START, 1, Spent(fleet_starts=14), ""),
    (START, 2, Spent(fleet_starts=14), "16 automatic starts in the fleet within 600 s"),
    (STOP, 3, Spent(host_starts=99, cluster_starts=99, fleet_starts=99), ""),
    (START, 2, Spent(host_stops=99, cluster_stops=99, fleet_stops=99), ""),
    (STOP, 0, Spent(host_stops=99, cluster_stops=99, fleet_stops=99), ""),
]


@pytest.mark.parametrize(("act", "count", "spent", "words"), CASES)
def test_each_budget_holds_by_itself(
    act: OperationKind, count: int, spent: Spent, words: str
) -> None:
    recorded = msgspec.structs.replace(owned().recorded, spent=spent, fleet_policy=FLEET)
    held = over_budget(Counter({act: count}), POLICY, recorded)
    assert held.startswith(words)
    assert bool(held) is bool(words)


def test_every_budget_has_a_case_that_only_it_refuses() -> None:
    refused = " / ".join(words for *_, words in CASES)
    for budget in BUDGETS:
        assert f"automatic {budget.act}s {budget.where}" in refused


def test_stops_do_not_count_as_starts() -> None:
    acts = Counter({STOP: 3, START: 2})
    recorded = msgspec.structs.replace(owned().recorded, fleet_policy=FLEET)
    assert over_budget(acts, POLICY, recorded) == ""


def test_one_is_said_as_one() -> None:
    none = msgspec.structs.replace(POLICY, stops_per_pass_max=0)
    said = over_budget(Counter({STOP: 1}), none, owned().recorded)
    assert said == "1 automatic stop in one pass; at most 0 are allowed"
