"""`vmuster sim`: stories, schedules, planted bugs, and their exit codes."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from tests import worlds
from tests.recorded import pass_over, recording
from vmuster.cli.main import cli
from vmuster.sim.laws.law import Violation
from vmuster.sim.planted import catalogue
from vmuster.sim.play import Outcome
from vmuster.sim.seeds import running, telling
from vmuster.sim.verbs.verb import Step

STORY = """# a host is there

       host alpha
  10s  expect host alpha is up
  11s  end
"""
OUTCOME = Outcome(
    seed=0,
    seconds=3600.0,
    steps=10,
    faults=7,
    violations=(),
    unmet=(),
    pointless=(),
    sometimes={"rare": 1},
    digest="",
    loud=("  1.0  !: L1: a stranger was stopped",),
    course=(),
)


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sim", *arguments])


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY, encoding="utf-8")
    return path


def test_a_story_is_written_down_and_then_held_against_what_happens(story: Path) -> None:
    assert sim(str(story)).exit_code == 1
    assert sim(str(story), "--update").exit_code == 0
    assert "---" in story.read_text(encoding="utf-8")
    again = sim(str(story))
    assert (again.exit_code, "so it is" in again.output) == (0, True)
    story.write_text(story.read_text("utf-8").replace("is up", "is unreachable"), encoding="utf-8")
    wrong = sim(str(story), "--update")
    assert wrong.exit_code == 1
    assert "not so" in wrong.output


def test_schedules_are_played_and_added_up() -> None:
    answer = sim("--seeds", "1", "--start", "3", "--jobs", "1", "-o", "json")
    found = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert (found["schedules"], found["violations"], found["planted"]) == (1, [], {})
    assert found["simulated_hours"] > 0.2


def test_a_broken_law_is_told_with_its_seed_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    violation = Violation(law="L1", at=1.0, what="a stranger was stopped")

    def broken(_seeds: object, _jobs: int, _told: object) -> list[Outcome]:
        return [msgspec.structs.replace(OUTCOME, violations=(violation,))]

    monkeypatch.setattr(running, "run_seeds", broken)

    def shrunk(*_arguments: object) -> tuple[Step, ...]:
        return ()

    monkeypatch.setattr(telling, "shrunk", shrunk)
    for form in ("table", "json"):
        answer = sim("--seeds", "1", "-o", form)
        assert answer.exit_code == 1
        assert "a stranger was stopped" in answer.stdout
        assert "vmuster sim --start 0 --seeds 1" in answer.stderr
    assert json.loads(sim("--seeds", "1", "-o", "json").stdout)["violations"] == [
        {"seed": 0, "law": "L1", "what": "a stranger was stopped"}
    ]


def test_planted_bugs_are_looked_for_and_found_or_not_it_exits_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = list[tuple[object, object]]()

    def find(names: object, seeds: object, _jobs: int, _told: object) -> dict[str, int | None]:
        asked.append((names, seeds))
        return {"one": 4, "two": None}

    monkeypatch.setattr(running, "find_planted", find)
    name = next(iter(catalogue.CATALOGUE))
    answer = sim("--planted", name, "--seeds", "5", "-o", "json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["planted"] == {"one": 4, "two": None}
    assert "1 of 2 planted bugs found" in sim("--planted", "all").stdout
    assert asked[0] == ([name], range(5))
    assert asked[1][0] == list(catalogue.CATALOGUE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--planted", "no-such-bug"], "no bug is called no-such-bug"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--update"], "name them"),
        (["nowhere.txt"], "does not exist"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: list[str], said: str) -> None:
    answer = sim(*arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_stories_have_seeds_of_their_own(story: Path) -> None:
    assert sim(str(story), "--seeds", "3").exit_code == 2


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    """A recording in which our VM was stopped by its guest, and was seen so once."""
    return str(recording(tmp_path / "it.gz", [pass_over(worlds.owned_stopped())]))


def test_a_recording_is_carried_through(recorded: str) -> None:
    result = sim("--from", recorded, "--fail-on-difference")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 pass, 1 decision: no difference\n"


def test_how_records_would_end_is_told(recorded: str) -> None:
    result = sim("--from", recorded, "--policy", "drift=enforce")
    assert (result.exit_code, result.stderr) == (0, "")
    *_, acts, heading, titles, row = result.stdout.splitlines()
    assert acts == "VMs that would be acted on: +1 start"
    assert heading == "in the end 1 record would be otherwise:"
    assert [title.strip() for title in titles.split("  ") if title] == ["VM", "ENDED", "WOULD END"]
    assert "stopped, wanted stopped, on home" in row
    assert row.endswith("stopped, wanted running, on home")


def test_a_difference_is_no_failure_unless_that_is_wanted(recorded: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("policy:\n  drift: enforce\n")
    words = ("--from", recorded, "--policy-file", str(file), "-o", "json")
    result = sim(*words)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["differ"], found["more"]) == (1, {"start": 1})
    (end,) = found["records"]
    assert (end["was"]["desired"], end["now"]["desired"]) == ("stopped", "running")
    failed = sim(*words, "--fail-on-difference")
    assert (failed.exit_code, failed.stdout) == (1, result.stdout)
    assert "something would have been otherwise" in failed.stderr


def test_a_mode_is_supposed_too(tmp_path: Path) -> None:
    file = recording(tmp_path / "it.gz", [pass_over(worlds.ghost())])
    result = sim("--from", str(file), "--mode", "observe", "-o", "json")
    assert json.loads(result.stdout)["fewer"] == {"stop": 1}


@pytest.mark.parametrize(
    "words", [("--seeds", "1"), ("--start", "1"), ("--planted", "all"), ("--update",)]
)
def test_a_recording_is_no_play(recorded: str, words: tuple[str, ...]) -> None:
    result = sim("--from", recorded, *words)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_recording_and_a_story_are_not_played_at_once(recorded: str, story: Path) -> None:
    assert sim("--from", recorded, str(story)).exit_code == 2


@pytest.mark.parametrize(
    "words", [("--policy", "drift=enforce"), ("--mode", "observe"), ("--fail-on-difference",)]
)
def test_what_is_supposed_is_said_of_a_recording(words: tuple[str, ...]) -> None:
    result = sim("--seeds", "1", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "with --from" in result.stderr


def test_a_recording_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "it.gz"
    file.write_bytes(b"nonsense\n")
    result = sim("--from", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "line 1: that is no line of a recording" in result.stderr


def test_a_setting_that_is_none_is_a_matter_of_usage(recorded: str) -> None:
    assert sim("--from", recorded, "--policy", "drift=sideways").exit_code == 2
