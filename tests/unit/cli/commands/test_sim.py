"""`vmuster sim`: what may be said of which kind of play, and of a recording."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests import worlds
from tests.recorded import pass_over, recording
from vmuster.cli.main import cli


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sim", *arguments])


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text("end\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--planted", "no-such-bug"], "no bug is called no-such-bug"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--update"], "name them"),
        (["--faults", "1"], "is said of --exhaustive"),
        (["--exhaustive", "--seeds", "1"], "leaves nothing to chance"),
        (["--exhaustive", "--faults", "5"], "5 is not in the range"),
        (["nowhere.txt"], "does not exist"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: list[str], said: str) -> None:
    answer = sim(*arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr


@pytest.mark.parametrize(
    "words", [("--seeds", "3"), ("--start", "0"), ("--jobs", "2"), ("--planted", "all")]
)
def test_stories_have_seeds_of_their_own(story: Path, words: tuple[str, ...]) -> None:
    answer = sim(str(story), *words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "seeds of their own" in answer.stderr


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
