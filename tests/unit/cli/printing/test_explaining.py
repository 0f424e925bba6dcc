"""A story as lines."""

from typing import Any

from vmuster.cli.printing.explaining import brief, told


def link(kind: str, what: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "what": what, "at": None, "who": "", "rule": "", "see": ""} | more


AT = "2026-11-22T14:03:00.123456Z"
RULED: dict[str, Any] = {"rule": "held", "see": "docs/rules.md#held"}
STORY: dict[str, Any] = {
    "about": "vm",
    "reference": "5f0c",
    "name": "web-01",
    "what": link("seen", "web-01 is stopped on alpha", at=AT),
    "why": link("answer", "bert asked to stop it", at=AT, **RULED),
    "proof": link("proof", "our record and our mark agree"),
    "ended": [link("answer", "bert asked to stop it", at=AT, **RULED)],
    "state": [link("seen", "stopped on alpha", at=AT), link("standing", "owned")],
    "chapters": [
        {
            "title": "bert asked to stop it: done",
            "at": AT,
            "operation": "77aa",
            "links": [link("result", "it was done", at=AT)],
        }
    ],
    "concluded": [link("because", "it runs", at=AT, who="alpha", **RULED)],
}


def test_a_story_is_told_from_its_end_to_its_rules() -> None:
    assert list(told(STORY)) == [
        "web-01  5f0c",
        "",
        "Why was it stopped?",
        "  answer      bert asked to stop it, 2026-11-22 14:03:00Z [held]",
        "",
        "What it is",
        "  seen        stopped on alpha, as of 2026-11-22 14:03:00Z",
        "  standing    owned",
        "",
        "bert asked to stop it: done, 2026-11-22 14:03:00Z",
        "  result      it was done, 2026-11-22 14:03:00Z",
        "  operation   77aa",
        "",
        "What was concluded, the newest first",
        "  alpha       it runs, 2026-11-22 14:03:00Z",
        "",
        "The rules",
        "  see 'vmuster rule held' (docs/rules.md#held)",
    ]


def test_the_short_form_is_three_lines() -> None:
    assert list(brief(STORY)) == [
        "what   web-01 is stopped on alpha, as of 2026-11-22 14:03:00Z",
        "why    bert asked to stop it, 2026-11-22 14:03:00Z; see 'vmuster rule held'"
        " (docs/rules.md#held)",
        "proof  our record and our mark agree",
    ]


def test_what_is_empty_is_left_out() -> None:
    bare: dict[str, Any] = STORY | {"ended": [], "state": [], "chapters": [], "concluded": []}
    assert list(told(bare)) == ["web-01  5f0c"]


def test_the_story_of_anything_else_begins_with_the_three_lines() -> None:
    lines = list(told(STORY | {"about": "operation"}))
    assert lines[2:5] == list(brief(STORY))
