"""The fleet on one screen: what stops automation is told, and what is not up is named."""

from typing import Any

import pytest

from vmuster.cli.printing.morning import lines
from vmuster.server.answers.saying import moment

NOW = 1_000_000.0
QUIET: dict[str, Any] = {
    "id": "f",
    "instance": "VM",
    "key": "k",
    "quarantine": None,
    "disarmed": None,
    "clusters": [
        {"name": "default", "hosts": 2, "disarmed": None, "dark": "", "quiet_seconds": 0.0}
    ],
    "disarmed_hosts": {},
    "healths": {"up": 2},
    "modes": {"manage": 2},
    "troubled": [],
    "standings": {"owned": 3, "alien": 12},
    "unseen": 0,
    "missing": 0,
    "not_as_asked": 0,
    "astray": [],
    "held": [],
    "operations": 0,
    "unread": [],
}
DISARMED = {"by": "bert", "at": "1970-01-01T00:00:00Z", "why": "storm"}


def said(status: dict[str, Any]) -> dict[str, list[str]]:
    """What stands beside each label."""
    beside: dict[str, list[str]] = {}
    label = ""
    for line in lines(status, NOW):
        label = line[:11].strip() or label
        beside.setdefault(label, []).append(line[13:])
    return beside


def cluster(**changes: object) -> dict[str, Any]:
    return {**QUIET, "clusters": [{**QUIET["clusters"][0], **changes}]}


def test_a_fleet_at_peace() -> None:
    assert said(QUIET) == {
        "fleet": ["f  instance VM"],
        "automation": ["ARMED"],
        "hosts": ["2 up (2 in manage)"],
        "VMs": ["12 alien, 3 owned"],
        "operations": ["none in flight"],
        "held plans": ["none"],
    }


def test_who_of_ours_is_not_as_asked_for_is_named_with_the_reason() -> None:
    crashed = {
        "name": "web-01",
        "host": "alpha",
        "finding": "stopped_outside",
        "why": "it should run; not started: disarmed",
    }
    one = said({**QUIET, "not_as_asked": 1, "astray": [crashed]})["VMs"]
    assert one[1:] == [
        "1 of ours is not as asked for:",
        "  web-01 on alpha: stopped outside; it should run; not started: disarmed",
    ]
    many = said({**QUIET, "not_as_asked": 7, "missing": 2, "astray": [crashed]})["VMs"]
    assert many[1] == "9 of ours are not as asked for:"
    assert "and more" in many[-1]


def test_what_can_not_be_read_is_told() -> None:
    row = "host h-1 in the database can't be read"
    assert said({**QUIET, "unread": [row]})["damaged"] == [row]


@pytest.mark.parametrize(
    ("status", "word", "reason"),
    [
        (
            {**QUIET, "quarantine": {"since": "1970-01-01T00:00:00Z"}},
            "IDLE",
            "vmuster quarantine show",
        ),
        ({**QUIET, "disarmed": DISARMED}, "IDLE", "fleet was disarmed by bert"),
        (cluster(disarmed=DISARMED), "IDLE", "vmuster arm --cluster default"),
        (cluster(dark="5 of 6 hosts are not up"), "IDLE", "5 of 6 hosts are not up"),
        (cluster(quiet_seconds=200.0), "IDLE", "3 min left"),
        ({**QUIET, "disarmed_hosts": {"alpha": DISARMED}}, "ARMED, in parts", "--host alpha"),
    ],
    ids=["quarantine", "fleet", "cluster", "breaker", "quiet", "host"],
)
def test_why_it_is_idle(status: dict[str, Any], word: str, reason: str) -> None:
    shown, *reasons = said(status)["automation"]
    assert shown == word
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_a_cluster_without_hosts_stops_nothing() -> None:
    empty = {"name": "new", "hosts": 0, "disarmed": None, "dark": "x", "quiet_seconds": 9.0}
    status = {**QUIET, "clusters": [*QUIET["clusters"], empty]}
    assert said(status)["automation"] == ["ARMED"]


def test_one_idle_cluster_of_two_is_a_part() -> None:
    other = {**QUIET["clusters"][0], "name": "north", "disarmed": DISARMED}
    status = {**QUIET, "clusters": [*QUIET["clusters"], other]}
    assert said(status)["automation"][0] == "ARMED, in parts"


def test_a_fleet_that_only_observes_says_so() -> None:
    assert "no host is in manage" in said({**QUIET, "modes": {"observe": 2}})["automation"][0]
    assert "vmuster host add" in said({**QUIET, "healths": {}, "modes": {}})["hosts"][0]


def trouble(number: int, **changes: object) -> dict[str, Any]:
    host = {
        "name": f"h{number}",
        "health": "unreachable",
        "since": moment(NOW - 7_200),
        "trouble": "no answer",
        "claims": None,
    }
    return {**host, **changes}


def test_hosts_that_are_not_up_are_named_up_to_a_screen() -> None:
    status = {**QUIET, "troubled": [trouble(number) for number in range(12)]}
    _, *named = said(status)["hosts"]
    assert named[0] == "  h0: unreachable for 2 h: no answer"
    assert len(named) == 11
    assert named[-1].startswith("  and 2 more")


def test_a_host_that_claims_to_be_another_shows_the_way_out() -> None:
    status = {**QUIET, "troubled": [trouble(1, claims="u", since=None, trouble="")]}
    (_, named) = said(status)["hosts"]
    assert "vmuster host accept h1 --uuid u" in named
    assert " for " not in named.partition(":")[2].partition(":")[0]


def test_vms_that_are_not_seen_are_told_of() -> None:
    status = {**QUIET, "unseen": 3, "missing": 1}
    assert said(status)["VMs"][0] == (
        "12 alien, 3 owned; 3 of ours not seen now, 1 of them missing for certain"
    )
    assert said({**QUIET, "standings": {}})["VMs"] == ["none was seen"]


PLAN: dict[str, Any] = {
    "id": "p",
    "host": "h-1",
    "host_name": "alpha",
    "acts": [1],
    "held_at": moment(NOW - 60),
    "why": "over budget",
    "state": "held",
}


def test_held_plans_are_listed_with_their_host() -> None:
    shown, hint = said({**QUIET, "held": [PLAN]})["held plans"]
    assert shown == "p  host alpha, 1 act, for 60 s: over budget"
    assert "approve" in hint


def test_an_approved_plan_is_told_of_and_asks_for_nothing() -> None:
    """It is carried out as soon as automation is armed: whoever arms it must know."""
    approved = {**PLAN, "state": "approved", "by": "ann", "expires_at": moment(60.0)}
    (shown,) = said({**QUIET, "held": [approved]})["held plans"]
    assert "approved by ann until 1970-01-01 00:01:00Z" in shown


def test_orphans_hold_stops_and_that_is_said() -> None:
    (_, told) = said({**QUIET, "standings": {"orphan": 2}})["automation"]
    assert told.startswith("2 orphans: no ghost and no lookalike is stopped")
