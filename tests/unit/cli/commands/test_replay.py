"""`vmuster replay`, with no server anywhere."""

import json
from pathlib import Path

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
