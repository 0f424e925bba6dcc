"""What came of many schedules, in lines for people."""

import msgspec
import pytest

from tests.unit.sim.seeds.test_running import BROKEN, OUTCOME
from vmuster.sim.laws.sometimes import REACHED
from vmuster.sim.seeds import telling
from vmuster.sim.seeds.running import tally
from vmuster.sim.seeds.telling import lines_of, lines_of_failure, lines_of_planted
from vmuster.sim.stories.reading import read
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step


def test_sums_violations_and_what_was_never_reached_are_said() -> None:
    broken = msgspec.structs.replace(OUTCOME, violations=(BROKEN,), sometimes={REACHED[0]: 2})
    text = "\n".join(lines_of(tally([broken], {}), 30, 0.01))
    assert "1 schedule, 0.5 simulated hours" in text
    assert "7 faults, 30 steps, 3,000 per second of CPU" in text
    assert "seed 3: L1: a stranger was stopped" in text
    assert f"2  {REACHED[0]}" in text
    assert REACHED[1] in text.partition("never reached")[2]


def test_a_failure_is_told_with_its_last_events_and_a_story_that_can_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = tuple(GRAMMAR.step(sentence, None) for sentence in ("host alpha", "end"))

    def shrunk(*_arguments: object, **_bounds: object) -> tuple[Step, ...]:
        return story

    monkeypatch.setattr(telling, "shrunk", shrunk)
    loud = (*(f"  1.0  alpha: event {n}" for n in range(100)), "  2.0  !: L1: " + BROKEN.what)
    failed = msgspec.structs.replace(OUTCOME, violations=(BROKEN,), loud=loud)
    lines = list(lines_of_failure(failed, lambda: False))
    assert "event 99" in lines[-5]
    assert not any("event 50" in line for line in lines)
    assert read(lines[-1], "kept.txt").steps == story


def test_bugs_are_listed_with_the_seeds_that_find_them() -> None:
    text = list(lines_of_planted({"trust-an-empty-list": 3, "other": None}))
    assert text[0].endswith("seed 3")
    assert text[1].endswith("not found")
    assert text[2] == "1 of 2 planted bugs found"
