"""What is played is told, to people and to programs, and its exit code says how it went."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from tests.unit.sim.seeds.test_running import FOUND, MISSED
from vmuster.cli.main import cli
from vmuster.sim.exhaustive import servers
from vmuster.sim.laws.law import Violation
from vmuster.sim.laws.sometimes import REACHED
from vmuster.sim.planted import catalogue
from vmuster.sim.planted.finding import Search
from vmuster.sim.play import Outcome
from vmuster.sim.seeds import running, telling
from vmuster.sim.seeds.running import Played
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


def played(*outcomes: Outcome) -> Played:
    return Played(outcomes=outcomes, cpu_seconds=0.001)


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

    def broken(*_arguments: object) -> Played:
        return played(msgspec.structs.replace(OUTCOME, violations=(violation,)))

    monkeypatch.setattr(running, "run_seeds", broken)

    def shrunk(*_arguments: object, **_bounds: object) -> tuple[Step, ...]:
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

    def find(names: object, seeds: object, _jobs: int, _told: object) -> dict[str, Search]:
        asked.append((names, seeds))
        return {"one": FOUND, "two": MISSED}

    monkeypatch.setattr(running, "find_planted", find)
    name = next(iter(catalogue.CATALOGUE))
    answer = sim("--planted", name, "--seeds", "5", "-o", "json")
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert found["planted"] == {"one": 4, "two": None}
    assert (found["schedules"], found["simulated_hours"], found["faults"]) == (5, 1.5, 50)
    assert "1 of 2 planted bugs found" in sim("--planted", "all").stdout
    assert asked[0] == ([name], range(5))
    assert asked[1][0] == list(catalogue.CATALOGUE)


def test_stories_are_told_to_programs_too(story: Path, tmp_path: Path) -> None:
    unread = tmp_path / "unread.txt"
    unread.write_text("nonsense\n", encoding="utf-8")
    assert sim(str(story), "--update").exit_code == 0
    answer = sim(str(story), str(unread), "-o", "json")
    assert answer.exit_code == 1
    good, bad = json.loads(answer.stdout)["stories"]
    assert good == {
        "path": str(story),
        "title": "a host is there",
        "ok": True,
        "lines": ["story.txt: a host is there: so it is"],
    }
    assert (bad["path"], bad["title"], bad["ok"]) == (str(unread), "", False)
    assert bad["lines"]


def test_a_rare_state_that_many_schedules_never_reach_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = msgspec.structs.replace(OUTCOME, sometimes=dict.fromkeys(REACHED[1:], 1))

    def run(seeds: range, *_arguments: object) -> Played:
        return played(*(reached for _seed in seeds))

    monkeypatch.setattr(running, "run_seeds", run)
    for count, warned in ((199, ""), (200, f"warning: never reached: {REACHED[0]}\n")):
        answer = sim("--seeds", str(count), "-o", "json")
        assert (answer.exit_code, answer.stderr) == (0, warned)


def test_how_quickly_it_played_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments: object) -> Played:
        return played(OUTCOME)

    monkeypatch.setattr(running, "run_seeds", run)
    assert "10 steps, 10,000 per second of CPU" in sim("--seeds", "1").stdout


def test_a_small_world_is_searched_to_its_end() -> None:
    answer = sim("--exhaustive", "--faults", "0")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "hands on our VM, up to 0 faults: 2 states" in answer.stdout
    assert "2 servers that both believe they own a host: 4,095 states" in answer.stdout
    found = json.loads(sim("--exhaustive", "--faults", "0", "-o", "json").stdout)
    assert [each["acted_on"] for each in found["worlds"]] == ["ours", "stranger"]
    assert [each["complete"] for each in (*found["worlds"], found["servers"])] == [True] * 3
    assert {each["faults_max"] for each in found["worlds"]} == {0}


def test_a_small_world_that_breaks_a_law_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> servers.Contest:
        return servers.Contest(
            states=2, transitions=1, violations=(("L7", ("it goes back",)),), complete=True
        )

    monkeypatch.setattr(servers, "contest", broken)
    for form in ("table", "json"):
        answer = sim("--exhaustive", "--faults", "0", "-o", form)
        assert answer.exit_code == 1
        assert "laws can be broken in 1 way" in answer.stderr
    said = json.loads(sim("--exhaustive", "--faults", "0", "-o", "json").stdout)
    assert said["servers"]["violations"] == [{"law": "L7", "path": ["it goes back"]}]
