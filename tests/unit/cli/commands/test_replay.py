"""`vmuster replay`, with no server anywhere."""

import json
from pathlib import Path

import pytest

from tests import worlds
from tests.recorded import pass_over, recording
from tests.unit.cli.conftest import Run

CASE = json.dumps({"case": "1", "report": {"host": "a", "complete": True, "vms": []}})


def test_cases_are_answered_line_by_line(alone: Run) -> None:
    result = alone("replay", "-", input=f"{CASE}\n\n{CASE}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [json.loads(line)["case"] for line in result.stdout.splitlines()] == ["1", "1"]


def test_a_bad_line_is_said_and_the_others_answered(alone: Run, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f'{{"case": "bad"}}\n{CASE}\nnonsense\n')
    result = alone("replay", str(file))
    assert result.exit_code == 1
    first, second, third = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["case"], second["case"]) == ("bad", "1")
    assert ("error" in first, "error" in second, "error" in third) == (True, False, True)
    assert result.stderr.startswith("vmuster: 2 bad lines\nwhat to do: ")


def test_no_file_is_a_matter_of_usage(alone: Run, tmp_path: Path) -> None:
    assert alone("replay", str(tmp_path / "none")).exit_code == 2
    assert alone("replay").exit_code == 2


def test_without_a_file_it_is_said_as_ever(alone: Run) -> None:
    assert "Missing argument 'FILE|-'." in alone("replay").stderr


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    """A recording in which a ghost was stopped."""
    return str(recording(tmp_path / "it.gz", [pass_over(worlds.ghost())]))


def test_what_was_recorded_is_decided_again(alone: Run, recorded: str) -> None:
    result = alone("replay", "--from", recorded, "--fail-on-difference")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 pass, 1 decision: no difference\n"


def test_a_difference_is_no_failure_unless_that_is_wanted(alone: Run, recorded: str) -> None:
    result = alone("replay", "--from", recorded, "--policy", "unknown_vms=leave")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "VMs that would be acted on: -1 stop"
    words = ("--policy", "unknown_vms=leave", "--fail-on-difference", "-o", "json")
    failed = alone("replay", "--from", recorded, *words)
    assert failed.exit_code == 1
    found = json.loads(failed.stdout)
    assert (found["differ"], found["more"], found["fewer"]) == (1, {}, {"stop": 1})
    assert "would be decided otherwise" in failed.stderr


def test_data_is_alone_on_stdout_in_every_form(alone: Run, recorded: str) -> None:
    words = ("replay", "--from", recorded, "--mode", "observe")
    assert alone(*words, "-o", "name").stdout == f"{worlds.ghost().uuid}\n"
    header, row = alone(*words, "-o", "csv").stdout.splitlines()
    assert header.startswith("AT,HOST,VM,WAS,NOW")
    assert "ghost" in row
    assert alone("replay", "--from", recorded, "-o", "csv").stdout.count("\n") == 1


def test_a_policy_may_be_in_a_file(alone: Run, recorded: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("policy:\n  unknown_vms: leave\n")
    found = alone("replay", "--from", recorded, "--policy-file", str(file), "-o", "json")
    assert json.loads(found.stdout)["fewer"] == {"stop": 1}


def test_a_recording_that_is_none_is_refused_in_words(alone: Run, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{CASE}\n")
    result = alone("replay", "--from", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "line 1: that is no line of a recording" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        *(("--from", "nowhere"), ("-", "--policy", "drift=enforce"), ("-", "-o", "json")),
        *(("-", "--mode", "observe"), ("-", "--fail-on-difference")),
    ],
)
def test_what_does_not_go_together_is_a_matter_of_usage(alone: Run, words: tuple[str, ...]) -> None:
    result = alone("replay", *words, input=f"{CASE}\n")
    assert (result.exit_code, result.stdout) == (2, "")


def test_cases_and_a_recording_are_not_replayed_at_once(alone: Run, recorded: str) -> None:
    assert alone("replay", "-", "--from", recorded, input=CASE).exit_code == 2


def test_a_setting_that_is_none_is_a_matter_of_usage(alone: Run, recorded: str) -> None:
    assert alone("replay", "--from", recorded, "--policy", "drift=sideways").exit_code == 2
