"""The verdict: each promise, broken alone, is named."""

from typing import Any
from uuid import uuid4

import pytest

from tests.unit.demo.stages import set_stage
from vmuster.demo.scene import Scene
from vmuster.demo.verdict import broken_promises, conclude
from vmuster.demo.witness import Watched


def watched(role: str, *ended_by: str) -> Watched:
    return Watched(name="vm", uuid=uuid4(), role=role, pid=1, ended_by=list(ended_by))


def stop(*, automatic: bool, proof: str = "name", outcome: str = "done") -> dict[str, Any]:
    order = {"command": "stop_vm", "automatic": automatic, "proof": {"kind": proof}}
    return {"command": order, "result": {"outcome": outcome}}


def test_a_stranger_that_only_the_demo_touched_breaks_no_promise() -> None:
    assert broken_promises(watched("stranger", "the demo's hand: powered off"), []) == []


def test_a_stranger_ended_by_another_hand_or_sent_a_command_breaks_one() -> None:
    assert broken_promises(watched("stranger", "vmuster: whatever"), [])
    assert broken_promises(watched("clone"), [stop(automatic=False)])


def test_a_stray_must_have_been_stopped_once_with_its_proof_on_record() -> None:
    assert broken_promises(watched("stray"), [stop(automatic=True)]) == []
    assert broken_promises(watched("stray"), [])
    assert broken_promises(watched("stray"), [stop(automatic=True, proof="record")])
    assert broken_promises(watched("stray"), [stop(automatic=True, outcome="failed")])
    assert broken_promises(watched("stray"), [stop(automatic=True)] * 2)


def test_what_is_ours_is_never_stopped_automatically_in_this_story() -> None:
    assert broken_promises(watched("ours"), [stop(automatic=False, proof="record")]) == []
    assert broken_promises(watched("ours"), [stop(automatic=True, proof="record")])


@pytest.mark.parametrize("kept", [True, False])
def test_one_broken_promise_of_any_step_is_the_verdict(*, kept: bool) -> None:
    scene, _, said = set_stage(Scene, {})
    scene.promise("the host is suspect", kept=kept)
    assert conclude(scene, scene.narrator) is kept
    assert ("FAILED    the host is suspect" in said.getvalue()) is not kept
