"""`vmuster fleet`."""

from collections.abc import Callable
from typing import Any

from tests.unit.cli.conftest import Run


def test_the_fleet_and_its_policy(data: Callable[..., Any], run: Run) -> None:
    changed = data("fleet", "policy", "set", "stops_per_window_max=7")
    assert changed["policy"]["stops_per_window_max"] == 7
    assert data("fleet", "show") == changed
    shown = run("fleet", "show").stdout
    assert ["stops_per_window_max", "7"] in [line.split() for line in shown.splitlines()]
    assert changed["id"] in shown
    assert run("fleet", "policy", "set", "none=1").exit_code == 1
    assert run("fleet", "policy", "set", "none").exit_code == 2
