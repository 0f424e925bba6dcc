"""`vmuster restore`, on a state folder."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.wiring.backups.folders import journal, told


@pytest.fixture
def state(tmp_path: Path, alone: Run) -> Path:
    """A folder that was backed up, and in which something happened since."""
    state = tmp_path / "state"
    told(state, "first")
    assert alone("backup", "create", str(tmp_path / "a.db")).exit_code == 0
    assert alone("backup", "keys", str(tmp_path / "keys.tar")).exit_code == 0
    told(state, "second")
    return state


def test_a_backup_is_put_back_and_taken_away_again(alone: Run, state: Path, tmp_path: Path) -> None:
    done = alone("restore", str(tmp_path / "a.db"), "--yes")
    assert done.exit_code == 0, done.output
    assert "'vmuster restore --undo' puts it back" in done.stdout
    assert "it begins in quarantine" in done.stdout
    undone = alone("restore", "--undo", "--yes")
    assert "it goes on as before" in undone.stdout
    assert journal(state) == ["first", "second"]


def test_programs_are_told_where_things_are(alone: Run, state: Path, tmp_path: Path) -> None:
    keys = str(tmp_path / "keys.tar")
    done = alone("restore", str(tmp_path / "a.db"), "--keys", keys, "-y", "-o", "json")
    document = json.loads(done.stdout)
    assert (document["keys"], document["quarantine"]) == (True, True)
    assert (Path(document["aside"]) / "vmuster.db").is_file()


def test_nobody_is_there_to_be_asked(alone: Run, state: Path, tmp_path: Path) -> None:
    asked = alone("restore", str(tmp_path / "a.db"))
    assert asked.exit_code == 1
    assert "say --yes" in asked.stderr
    assert journal(state) == ["first", "second"]


@pytest.mark.parametrize(
    "words", [[], ["a.db", "--undo"], ["--undo", "--keys", "keys.tar"]], ids=str
)
def test_one_of_both_is_said(alone: Run, words: list[str]) -> None:
    assert alone("restore", *words, "--yes").exit_code == 2
