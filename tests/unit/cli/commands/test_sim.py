"""`vmuster sim`: stories, schedules, planted bugs, and their exit codes."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from vmuster.cli.main import cli
from vmuster.sim.laws.law import Violation
from vmuster.sim.planted import catalogue
from vmuster.sim.play import Outcome
from vmuster.sim.seeds import running, telling

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
    monkeypatch.setattr(telling, "shrunk", lambda *_arguments: ())
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
