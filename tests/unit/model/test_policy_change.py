"""Settings of a policy, as people say them: of a cluster or the fleet, whole or not at all."""

import pytest

from vmuster.model.errors import Refused
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.policy_change import changed_policy


def test_settings_come_as_values_or_as_words() -> None:
    policy = changed_policy(Policy(), {"seen_before_stop": "4", "track_host_change": "false"})
    assert (policy.seen_before_stop, policy.track_host_change) == (4, False)
    fleet = changed_policy(FleetPolicy(), {"stops_per_window_max": 3, "dark_percent_max": "50"})
    assert (fleet.stops_per_window_max, fleet.dark_percent_max) == (3, 50)


def test_what_is_not_said_stays() -> None:
    before = changed_policy(Policy(), {"seen_before_stop": 4})
    assert changed_policy(before, {"drift": "enforce"}).seen_before_stop == 4


@pytest.mark.parametrize(
    ("before", "settings", "words"),
    [
        (Policy(), {}, "no setting was given"),
        (Policy(), {"unknown_vm": "leave"}, "no such setting: unknown_vm"),
        (FleetPolicy(), {"unknown_vms": "leave"}, "no such setting: unknown_vms"),
        (Policy(), {"seen_before_stop": 0}, "seen_before_stop can't be 0"),
        (FleetPolicy(), {"dark_percent_max": 101}, "dark_percent_max can't be 101"),
        (Policy(), {"drift": "enforce", "quiet_seconds": None}, "quiet_seconds can't be None"),
        (Policy(), {"\x1b[2J": "x"}, r"no such setting: \\x1b"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_way_out(
    before: Policy | FleetPolicy, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        change(before, settings)
    assert refusal.value.hint


def change(before: Policy | FleetPolicy, settings: dict[str, object]) -> object:
    if isinstance(before, Policy):
        return changed_policy(before, settings)
    return changed_policy(before, settings)
