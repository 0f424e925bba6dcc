"""`vmuster record`: begun, shown, fetched, stopped, dropped; and what was fetched is replayed."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


@pytest.fixture(autouse=True)
def dropped(run: Run) -> Generator[None]:
    yield
    run("record", "drop", "--yes")


def test_it_goes_its_way(
    run: Run, data: Callable[..., Any], world: Served, alpha: Host, tmp_path: Path
) -> None:
    file = tmp_path / "it.gz"
    assert run("record", "show").stdout.startswith("nothing is recorded; start one with")
    nothing = run("record", "fetch", str(file))
    assert (nothing.exit_code, file.exists()) == (1, False)
    assert "nothing is recorded" in nothing.stderr
    begun = run("record", "start", "--hours", "2", "--max-mib", "8")
    assert begun.stdout.startswith("recording  on until ")
    assert "of 8 MiB at most" in begun.stdout
    again = run("record", "start")
    assert (again.exit_code, "runs already" in again.stderr) == (1, True)
    world.passes(alpha, 3)
    fetched = data("record", "fetch", str(file))
    assert (fetched["file"], fetched["size"]) == (str(file), file.stat().st_size)
    assert fetched["passes"] > 0
    assert file.stat().st_mode & 0o077 == 0
    assert run("record", "stop").stdout.startswith("recording  ended: by anna\n")
    replayed = run("replay", "--from", str(file))
    assert replayed.stdout.endswith("no difference\n")
    assert replayed.exit_code == 0
    assert "--yes" in run("record", "drop").stderr
    assert run("record", "drop", "-y").stdout.startswith("nothing is recorded")


def test_no_file_is_overwritten(run: Run, tmp_path: Path) -> None:
    run("record", "start")
    file = tmp_path / "it.gz"
    file.write_text("mine")
    refused = run("record", "fetch", str(file))
    assert (refused.exit_code, file.read_text()) == (1, "mine")
    assert "can't be written: File exists" in refused.stderr


def test_a_rehearsal_says_what_the_journal_would(run: Run) -> None:
    rehearsed = run("record", "start", "--hours", "3", "--dry-run")
    assert "journal: a recording was started: 3 h, 64 MiB" in rehearsed.stdout
    assert run("record", "show").stdout.startswith("nothing is recorded")


@pytest.mark.parametrize("words", [("--hours", "0"), ("--max-mib", "-1"), ("--hours", "x")])
def test_what_is_no_length_is_a_matter_of_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run("record", "start", *words).exit_code == 2
