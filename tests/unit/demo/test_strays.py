"""A person's say: a command for a stray before that person said so breaks a promise."""

from typing import Any

import pytest

from tests.unit.demo.stages import set_stage
from vmuster.demo.strays import Strays


def entry(kind: str, vm: str) -> dict[str, Any]:
    return {"id": 1, "kind": kind, "vm": vm, "what": "words"}


def disarmed(kind: str, *, stray: bool) -> list[str]:
    """The promises that were broken, where the journal told so of a stray or of another VM."""

    def entries() -> list[dict[str, Any]]:
        return [entry(kind, str(story.ids["i-2-80-VM"]) if stray else "another")]

    def views() -> list[dict[str, Any]]:
        why = "nothing follows: automation is disarmed"
        shown = {"power": "running", "standing": "lookalike", "host": "gamma", "why": why}
        return [{"uuid": str(uuid), **shown} for uuid in story.ids.values()]

    story, _, _ = set_stage(Strays, {("journal", "-n"): entries, ("vm", "list"): views})
    story.a_person_disarms()
    return story.witness.surprises


def test_a_command_for_a_stray_while_disarmed_breaks_the_promise() -> None:
    assert disarmed("command", stray=True) == [
        "while it is disarmed: 1 command for the two",
    ]


@pytest.mark.parametrize(("kind", "stray"), [("alert", True), ("command", False)])
def test_neither_an_alert_nor_a_command_for_another_vm_does(kind: str, *, stray: bool) -> None:
    assert disarmed(kind, stray=stray) == []


@pytest.mark.parametrize(("kind", "broken"), [("held", 0), ("command", 1)])
def test_a_command_for_a_stray_while_its_plan_is_held_breaks_the_promise(
    kind: str, broken: int
) -> None:
    story, _, said = set_stage(
        Strays,
        {
            ("plan", "list"): [{"id": "8d1c4de8"}],
            ("journal", "-n"): lambda: [entry(kind, str(story.ids["i-2-81-VM"]))],
        },
    )
    story.define("gamma", "i-2-80-VM", "stray")
    story.define("gamma", "i-2-81-VM", "stray")
    story.a_plan_is_held()
    assert len(story.witness.surprises) == broken
    assert "$ vmuster plan show 8d1c4de8" in said.getvalue()
    assert "while the plan is held" in said.getvalue()
