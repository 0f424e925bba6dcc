"""What the next pass would do, in words."""

from typing import Any

from vmuster.cli.previewing import NOTHING, lines

PREVIEW: dict[str, Any] = {
    "host": "alpha",
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
    told = said({"withheld": "stop_vm"}, idle="quiet time", held="over budget", quarantined="old")
    assert told[1:] == [
        "  nothing is sent: old",
        "  nothing is done automatically: quiet time",
        "  held: over budget",
        "  withheld: stop web (u): a name of ours and no record [stop-lookalike]",
        f"  {NOTHING}",
    ]


def test_what_was_noticed_and_a_what_if_are_told_as_such() -> None:
    told = said({}, what_if=True)
    assert told[0].startswith("WHAT IF: host alpha")
    assert told[-1] == "  noticed: web (u): lookalike: a name of ours and no record"
    assert said({"standing": None, "finding": "missing"})[-1].startswith("  noticed: web (u): miss")


def test_hosts_are_set_apart() -> None:
    assert list(lines([PREVIEW, PREVIEW])).count("") == 1
