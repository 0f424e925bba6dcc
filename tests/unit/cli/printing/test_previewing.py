"""What the next pass would do, in words."""

from typing import Any

import pytest

from tests.unit.cli.printing.test_morning import DISARMED, QUIET
from vmuster.cli.printing.previewing import NOTHING, lines

PREVIEW: dict[str, Any] = {
    "host": "alpha",
    "cluster": "default",
    "mode": "manage",
    "what_if": False,
    "age_seconds": 12.0,
    "idle": "",
    "held": "",
    "quarantined": "",
    "vms": 3,
    "items": [],
}
ITEM: dict[str, Any] = {
    "vm": "u",
    "name": "web",
    "standing": "lookalike",
    "finding": "in_sync",
    "rule": "stop-lookalike",
    "why": "a name of ours and no record",
    "act": "",
    "withheld": "",
    "automatic": True,
}


def said(item: dict[str, Any] | None = None, **changes: object) -> list[str]:
    items = [] if item is None else [{**ITEM, **item}]
    return list(lines([{**PREVIEW, "items": items, **changes}]))


def test_nothing_is_said_to_be_nothing() -> None:
    assert said() == ["host alpha, in manage: 3 VMs, as of 12 s ago", f"  {NOTHING}"]
    assert list(lines([])) == ["There is no host."]
    assert "no account" in said(age_seconds=None)[0]


def test_an_act_is_told_with_its_reason_and_whose_it_is() -> None:
    why = "a name of ours and no record [stop-lookalike]"
    _, act = said({"act": "stop_vm"})
    assert act == f"  would stop web (u), by vmuster itself: {why}"
    _, act = said({"act": "unmark_vm", "automatic": False, "rule": ""})
    assert act.startswith("  would take our mark out of web (u), as it was asked for: ")


def test_what_is_withheld_is_told_with_every_reason() -> None:
    withheld = "  withheld: stop web (u): a name of ours and no record [stop-lookalike]"
    told = said({"withheld": "stop_vm"}, idle="quiet time", held="it is rejected")
    assert told[1:] == [
        "  nothing is done automatically: quiet time",
        "  held: it is rejected",
        withheld,
        f"  {NOTHING}",
    ]
    told = said({"withheld": "stop_vm"}, idle="old", quarantined="old")
    assert told[1:] == [
        "  nothing is sent: old; see 'vmuster quarantine show'",
        withheld,
        f"  {NOTHING}",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "held for a person: 3 stops; see 'vmuster plan show p'"),
        ({"what_if": True}, "would be held for a person: 3 stops"),
        ({"idle": "quiet time"}, "would be held for a person: 3 stops"),
    ],
    ids=str,
)
def test_only_a_plan_that_there_is_has_its_id_told(changes: dict[str, Any], told: str) -> None:
    shown = said(held="3 stops; held for a person as plan p", **changes)
    assert f"  {told}" in shown


def test_each_reason_is_told_once() -> None:
    held = "3 stops; held for a person as plan p"
    why = f"started outside; stop_vm withheld: {held}"
    items = [
        {**ITEM, "withheld": "stop_vm", "why": why, "name": name} for name in ("web-1", "web-2")
    ]
    assert list(lines([{**PREVIEW, "held": held, "items": items}]))[2:] == [
        "  withheld: stop 2 VMs: started outside [stop-lookalike]",
        "    web-1 (u)",
        "    web-2 (u)",
        f"  {NOTHING}",
    ]
    (_, idle, withheld, _) = said(
        {"withheld": "stop_vm", "why": "outside; nothing follows: calm"}, idle="calm"
    )
    assert "calm" in idle
    assert "calm" not in withheld


def test_aliens_are_counted_and_not_listed() -> None:
    alien = {**ITEM, "standing": "alien"}
    shown = list(lines([{**PREVIEW, "items": [alien, alien]}]))
    assert shown[1:] == [f"  {NOTHING}", "  left alone: 2 aliens"]


def test_what_is_kept_back_for_a_reason_of_its_own_is_withheld() -> None:
    """Not merely noticed: an orphan in its cluster holds the stop of a ghost."""
    shown = said({"why": "we deleted it; nothing follows: VMs with our mark are in this cluster"})
    assert shown[1].startswith("  withheld: web (u): we deleted it; nothing follows: VMs with")


def test_what_ends_an_idleness_is_told_where_the_fleet_is_known() -> None:
    status = {**QUIET, "disarmed": DISARMED}
    shown = list(lines([{**PREVIEW, "idle": "disarmed"}], status))
    assert shown[1].endswith("storm; 'vmuster arm' ends it")
    assert list(lines([{**PREVIEW, "idle": "other"}], QUIET))[1].endswith(": other")


def test_what_was_noticed_and_a_what_if_are_told_as_such() -> None:
    told = said({}, what_if=True)
    assert told[0].startswith("WHAT IF: host alpha")
    assert told[-1] == "  noticed: web (u): lookalike: a name of ours and no record"
    assert said({"standing": None, "finding": "missing"})[-1].startswith("  noticed: web (u): miss")


def test_hosts_are_set_apart() -> None:
    assert list(lines([PREVIEW, PREVIEW])).count("") == 1
