"""What breaks: a hung daemon whose host is taken for dead breaks a promise, and goes on anyhow."""

from typing import Any

import pytest

from tests.unit.demo.stages import set_stage
from vmuster.demo import breaking as module
from vmuster.demo.breaking import Breaking

LIVES = "its hypervisor does not answer, and the host itself lives"


def shown(health: str, trouble: str = "") -> dict[str, Any]:
    return {"health": health, "trouble": trouble}


@pytest.mark.parametrize(("health", "broken"), [("suspect", 0), ("unreachable", 1), ("up", 1)])
def test_only_a_hung_daemon_whose_host_stays_suspect_keeps_the_promise(
    monkeypatch: pytest.MonkeyPatch, health: str, broken: int
) -> None:
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.0)
    monkeypatch.setitem(module.SHORT_TIMES, "unreachable_after_seconds", 0.0)
    answers = iter([shown("suspect", LIVES), shown(health), shown("up")])
    story, hosts, said = set_stage(
        Breaking,
        {
            ("host", "show"): lambda: next(answers),
            ("vm", "list"): [],
            ("journal", "-n"): [],
        },
    )
    story.daemon_hangs()
    assert hosts["beta"].signals == ["freeze"]
    story.hung_daemon_goes_on()
    assert hosts["beta"].signals == ["freeze", "thaw"]
    assert len(story.witness.surprises) == broken
    assert f"it is {health}" in said.getvalue()


@pytest.mark.parametrize(
    "answer",
    [
        shown("up", LIVES),
        shown("unreachable", LIVES),
        shown("suspect", "its hypervisor does not answer"),
    ],
)
def test_a_host_that_is_not_told_from_a_dead_one_is_waited_for(answer: dict[str, Any]) -> None:
    story, _, _ = set_stage(Breaking, {("host", "show"): answer})
    with pytest.raises(AssertionError, match="told from a dead host"):
        story.daemon_hangs()
