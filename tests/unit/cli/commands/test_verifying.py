"""`vmuster journal verify` and `vmuster journal head`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.api.routes import verification
from vmuster.model.host import Host


def test_the_journal_is_verified_against_what_was_written_down(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    anchor = run("journal", "head", "-o", "name").stdout.strip()
    assert f"anchor  {anchor}" in run("journal", "head").stdout
    world.ours(alpha, "since")
    verdict = data("journal", "verify", "--anchor", anchor)
    assert verdict["sound"]
    assert verdict["head"] > int(anchor.partition(":")[0])
    assert "is the journal of which entry" in run("journal", "verify", "--anchor", anchor).stdout
    assert "not known whether it is the one" in run("journal", "verify").stdout


def test_another_journal_fails(run: Run, alpha: Host) -> None:
    result = run("journal", "verify", "--anchor", f"1:{'0' * 64}")
    assert result.exit_code == 1
    assert "not sound" in result.stdout
    assert "the journal is not as it was written: entry 1 is not the one" in result.stderr


def test_progress_is_told_beside_the_data(
    run: Run, alpha: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_MOST", 2)
    result = run("journal", "verify", "-o", "json")
    assert result.exit_code == 0
    assert result.stdout.startswith("{")
    assert result.stderr.startswith("2 entries read\n4 entries read\n")


def test_what_is_no_anchor_is_a_usage_error(run: Run) -> None:
    assert run("journal", "verify", "--anchor", "1").exit_code == 2
