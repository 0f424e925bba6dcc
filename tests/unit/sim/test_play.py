"""Playing a story: steps in time, laws watched, expectations held against what is so."""

from collections.abc import Mapping

import pytest
import structlog

from vmuster.model.errors import Refused
from vmuster.server.service import Service
from vmuster.sim.laws.law import Law
from vmuster.sim.play import VIOLATIONS_MAX, Outcome, play
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step
from vmuster.sim.world.truth import Run

BEGINNING = (
    "host alpha",
    "host beta with an agent",
    "alpha is in manage",
    "web of ours runs on alpha",
)


def story(*timed: tuple[float, str]) -> list[Step]:
    return [
        *(GRAMMAR.step(sentence, None) for sentence in BEGINNING),
        *(GRAMMAR.step(sentence, at) for at, sentence in timed),
    ]


class NothingRuns(Law):
    """A law that every run breaks."""

    name = "none"

    def ran(self, run: Run) -> None:
        self.violate(f"{run.host} runs something")

    def ended(self, run: Run) -> None:
        for _ in range(2 * VIOLATIONS_MAX):
            self.violate("something ended")


def played(*timed: tuple[float, str], laws: tuple[type[Law], ...] = ()) -> Outcome:
    return play(story(*timed), 1, laws)


def test_steps_happen_at_their_time_and_the_same_story_is_the_same_run() -> None:
    steps = ((60.0, "somebody stops web on alpha"), (120.0, "end"))
    outcome = played(*steps)
    assert 120.0 <= outcome.seconds < 140.0
    assert outcome.faults == 1
    assert any(line.startswith("    60.") and "runs no more" in line for line in outcome.loud)
    assert outcome.digest == played(*steps).digest
    assert outcome.digest != play(story(*steps), 2, ()).digest


def test_what_is_expected_and_not_so_is_said_with_what_is_so() -> None:
    outcome = played(
        (60.0, "expect web is recorded as running"),
        (60.0, "expect web is recorded as stopped"),
        (61.0, "end"),
    )
    (unmet,) = outcome.unmet
    assert unmet.startswith("60s  expect web is recorded as stopped: ")


def test_what_cannot_be_done_as_things_are_is_passed_over_and_said() -> None:
    outcome = played((60.0, "somebody stops nobody on alpha"), (61.0, "end"))
    assert len(outcome.pointless) == 1
    assert outcome.faults == 0


def test_a_setting_that_is_refused_is_said_for_the_story_needs_it() -> None:
    steps = [GRAMMAR.step("policy drift is sideways", None), *story((1.0, "end"))]
    (pointless,) = play(steps, 1, ()).pointless
    assert pointless.startswith("policy drift is sideways: ")


def test_what_a_server_refuses_is_no_failure_of_the_run() -> None:
    outcome = played((60.0, "anna stops nobody"), (61.0, "end"))
    assert (outcome.violations, outcome.unmet) == ((), ())


def test_the_course_of_a_story_leaves_out_its_settings_and_what_was_done_to_judge_it() -> None:
    class Afterwards(Law):
        name = "afterwards"

        async def at_end(self) -> None:
            self.world.chronicle.note("*", "it is judged")

    outcome = played((60.0, "somebody stops web on alpha"), (61.0, "end"), laws=(Afterwards,))
    assert [line.split("  ")[-1] for line in outcome.course][:2] == [
        "*: somebody stops web on alpha",
        "alpha: web runs no more",
    ]
    assert outcome.loud[-1].endswith("*: it is judged")
    assert outcome.course[-1] in outcome.loud[:-1]
    assert any("host alpha" in line for line in outcome.loud)


def test_a_step_without_a_time_waits_for_the_one_above() -> None:
    steps = [
        *story(
            (60.0, "somebody stops web on alpha"),
            (60.0, "expect web is recorded as stopped within 30s"),
        ),
        GRAMMAR.step("somebody starts web on alpha", None),
        GRAMMAR.step("expect web is recorded as running within 30s", None),
        GRAMMAR.step("end", 120.0),
    ]
    outcome = play(steps, 1, ())
    assert (outcome.unmet, outcome.pointless) == ((), ())


def test_a_broken_law_is_told_and_no_more_often_than_is_worth_reading() -> None:
    outcome = played((60.0, "somebody stops web on alpha"), (61.0, "end"), laws=(NothingRuns,))
    assert len(outcome.violations) == VIOLATIONS_MAX
    assert {violation.law for violation in outcome.violations} == {"none"}
    assert any("!: none: alpha runs something" in line for line in outcome.loud)


def test_a_law_that_is_broken_often_hides_no_other() -> None:
    steps = story((60.0, "somebody stops web on alpha"), (61.0, "end"), (900.0, "end"))
    both = (NothingRuns, JudgesTheEnd)
    assert {each.law for each in play(steps, 1, both).violations} == {"none", "end"}
    late = play(steps, 1, (NothingRuns, EndsLast), until=("late",))
    assert late.seconds < 900.0


def test_a_search_for_a_law_ends_where_it_is_broken() -> None:
    steps = story((60.0, "somebody stops web on alpha"), (5000.0, "end"))
    assert play(steps, 1, (NothingRuns,), until=("none",)).seconds < 100


def test_a_run_in_which_no_server_ever_serves_ends_and_is_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def start(_service: Service) -> None:
        raise Refused("not today")

    monkeypatch.setattr(Service, "start", start)
    outcome = play(story((60.0, "end")), 1)
    (violation,) = outcome.violations
    assert violation.law == "crash"
    assert "NeverServes('could not begin: Refused')" in violation.what


def test_the_log_is_configured_as_before_when_it_is_over() -> None:
    before = structlog.get_config()
    played((1.0, "end"))
    assert structlog.get_config() == before


def test_a_run_that_looks_for_a_law_ends_when_it_is_broken() -> None:
    steps = story((60.0, "somebody stops web on alpha"), (120.0, "end"), (900.0, "end"))
    assert play(steps, 1, (NothingRuns,)).seconds >= 900.0
    assert play(steps, 1, (NothingRuns,), until=("another",)).seconds >= 900.0
    assert play(steps, 1, (NothingRuns,), until=("none",)).seconds < 900.0


def test_a_run_that_is_to_end_ends_at_the_next_step_and_is_not_judged() -> None:
    steps = story((60.0, "somebody stops web on alpha"), (120.0, "end"), (900.0, "end"))
    whole, ended = play(steps, 1, (JudgesTheEnd,)), play(steps, 1, (JudgesTheEnd,), end=100.0)
    assert whole.violations
    assert ended.violations == ()
    assert ended.seconds < 900.0


class EndsLast(Law):
    """A law that is broken right after another one was, often."""

    name = "late"

    def ended(self, run: Run) -> None:
        self.violate(f"{run.host} has ended something")


class JudgesTheEnd(Law):
    """A law that every run breaks, where it is judged at its end."""

    name = "end"

    async def at_end(self) -> None:
        self.violate("it ended")


class Hears(Law):
    """A law that what is logged breaks."""

    name = "log"

    def logged(self, process: str, event: Mapping[str, object]) -> None:
        self.violate(f"{process}: {event['event']}")


def test_what_the_shipped_code_logs_at_warning_or_above_is_heard() -> None:
    trouble = (60.0, "the database is away")
    assert played((80.0, "end"), laws=(Hears,)).violations == ()
    heard = {broken.what for broken in played(trouble, (80.0, "end"), laws=(Hears,)).violations}
    assert "server-1: round given up" in heard
