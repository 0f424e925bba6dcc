"""The coverage of the model and the heart is demanded whole, and a shortfall is a failure."""

import subprocess
import tomllib
from typing import Any

import pytest

from tests.tidy.tree import PACKAGE
from tools import coverage_of_core


def test_all_of_it_is_demanded_branches_too() -> None:
    settings: dict[str, Any] = tomllib.loads(
        (coverage_of_core.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )["tool"]["coverage"]
    run, report = settings["run"], settings["report"]
    assert run["branch"]
    assert [coverage_of_core.ROOT / folder for folder in run["source"]] == [
        PACKAGE / "model",
        PACKAGE / "reconcile",
    ]
    assert report["fail_under"] == 100


@pytest.mark.parametrize(("ends", "status"), [([0, 0], 0), ([1], 1), ([0, 2], 1)])
def test_the_first_step_that_fails_is_the_last(
    ends: list[int], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        steps.append(command[3])
        return subprocess.CompletedProcess(command, ends[len(steps) - 1])

    monkeypatch.setattr(subprocess, "run", run)
    assert coverage_of_core.main() == status
    assert steps == ["run", "report"][: len(ends)]
