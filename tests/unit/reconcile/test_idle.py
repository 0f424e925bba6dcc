"""Why nothing is done automatically: each reason alone, in their order, and none at all."""

import msgspec
import pytest

from tests.parts import CLUSTER, FLEET, KEY, host
from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.host import Cluster, Fleet
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth
from vmuster.reconcile.breaker import UNCOUNTED, Counted
from vmuster.reconcile.idle import (
    Calm,
    Circumstances,
    Conditions,
    circumstances,
    why_idle,
    why_quarantined,
)

ARMED = Circumstances(
    fleet=Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={}),
    cluster=Cluster(name=CLUSTER, policy=Policy(), created_at=0.0),
    host=msgspec.structs.replace(host(), health=HostHealth.UP),
    dark="",
    quiet_seconds=0.0,
)
BY_ANN = Disarmed(by="ann", at=1.0, why="the network is being rebuilt")
OLD = Quarantine(since=1.0, evidence=("web-01: its mark is newer", "and so on"), highest=9)


def but(**changes: object) -> Circumstances:
    parts = {
        name: msgspec.structs.replace(getattr(ARMED, name), **value)
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(ARMED, **parts)


CASES = [
    (
        {"fleet": {"quarantine": OLD}},
        "the fleet is in quarantine: its database is older than its hosts"
        " (web-01: its mark is newer)",
    ),
    *(
        (
            {scope: {"disarmed": BY_ANN}},
            f"automation is disarmed on {what} by ann: the network is being rebuilt",
        )
        for scope, what in (
            ("fleet", "the whole fleet"),
            ("cluster", "cluster cluster"),
            ("host", "host home"),
        )
    ),
    ({"dark": "the breaker is open"}, "the breaker is open"),
    ({"host": {"health": HostHealth.SUSPECT}}, "the host is suspect, not up"),
    ({"host": {"health": HostHealth.UNREACHABLE}}, "the host is unreachable, not up"),
    ({"host": {"health": HostHealth.FENCED}}, "the host is fenced, not up"),
    ({"quiet_seconds": 0.1}, "nothing is done automatically so soon after a start"),
]


def test_where_nothing_is_in_the_way_automation_may_act() -> None:
    assert why_idle(ARMED) == ""


@pytest.mark.parametrize(("changes", "words"), CASES)
def test_each_reason_is_enough(changes: dict[str, object], words: str) -> None:
    assert why_idle(but(**changes)) == words


def test_the_first_reason_is_said() -> None:
    everything = but(
        fleet={"quarantine": OLD, "disarmed": BY_ANN},
        cluster={"disarmed": BY_ANN},
        host={"disarmed": BY_ANN, "health": HostHealth.SUSPECT},
        dark="the breaker is open",
        quiet_seconds=9.0,
    )
    left = [
        {"quarantine": None},
        {"disarmed": None},
    ]
    said = [why_idle(everything)]
    for changes in left:
        fleet = msgspec.structs.replace(everything.fleet, **changes)
        everything = msgspec.structs.replace(everything, fleet=fleet)
        said.append(why_idle(everything))
    assert ["quarantine" in said[0], "whole fleet" in said[1], "cluster" in said[2]] == [True] * 3


def test_the_words_do_not_change_while_nothing_else_does() -> None:
    """What is said of a VM is written again whenever its words change."""
    assert why_idle(but(quiet_seconds=100.0)) == why_idle(but(quiet_seconds=7.5))


def test_a_disarming_without_a_reason_says_who() -> None:
    said = why_idle(but(host={"disarmed": Disarmed(by="ann", at=1.0)}))
    assert said == "automation is disarmed on host home by ann"


def test_no_quarantine_keeps_nothing_back() -> None:
    assert why_quarantined(None) == ""


@pytest.mark.parametrize(
    ("calm", "left"), [((100.0, -1.0), 200.0), ((301.0, -1.0), 0.0), ((301.0, 7.0), 7.0)]
)
def test_a_quiet_time_lasts_until_there_was_calm_for_long_enough(
    calm: tuple[float, float], left: float
) -> None:
    seconds, jumped = calm
    assert Calm(seconds=seconds, jumped_seconds=jumped).left(300.0) == left


def test_the_circumstances_are_those_of_the_policy_at_that_moment() -> None:
    counted = Counted(cluster_lost=3, cluster_known=10, fleet_lost=3, fleet_known=10)
    calm = Calm(seconds=100.0, jumped_seconds=-1.0)
    conditions = Conditions(counted=counted, calm=calm)
    lost = msgspec.structs.replace(host(), well_since=50.0, flaps=1)
    strict = Policy(quiet_seconds=300.0, dark_percent_max=20, steady_seconds=60.0)
    cluster = msgspec.structs.replace(ARMED.cluster, policy=strict)
    found = circumstances(ARMED.fleet, cluster, lost, conditions, 100.0)
    assert (found.quiet_seconds, found.host.health) == (200.0, HostHealth.SUSPECT)
    assert "3 of 10" in found.dark
    loose = Policy(quiet_seconds=0.0, dark_percent_max=30, steady_seconds=0.0)
    cluster = msgspec.structs.replace(ARMED.cluster, policy=loose)
    found = circumstances(ARMED.fleet, cluster, lost, conditions, 100.0)
    assert (found.quiet_seconds, found.host.health, found.dark) == (0.0, HostHealth.UP, "")
    uncounted = Conditions(counted=None, calm=calm)
    assert circumstances(ARMED.fleet, cluster, lost, uncounted, 100.0).dark == UNCOUNTED
