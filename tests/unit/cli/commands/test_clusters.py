"""`vmuster cluster`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.conftest import Run


def test_a_cluster_is_added_listed_and_shown(data: Callable[..., Any], run: Run) -> None:
    assert data("cluster", "add", "north")["name"] == "north"
    assert [cluster["name"] for cluster in data("cluster", "list")] == ["default", "north"]
    assert data("cluster", "show", "north")["policy"]["drift"] == "record"
    assert "stops_per_pass_max" in run("cluster", "show", "north").stdout
    assert run("cluster", "add", "north").exit_code == 1


def test_settings_are_changed_together(data: Callable[..., Any], run: Run) -> None:
    told = ("cluster", "policy", "set", "default")
    settings = ("drift=enforce", "stops_per_pass_max=5", "track_host_change=false")
    changed = data(*told, *settings, "--yes")
    policy = changed["policy"]
    assert (policy["drift"], policy["stops_per_pass_max"]) == ("enforce", 5)
    assert policy["track_host_change"] is False
    assert run(*told, "drift=record", "none=1").exit_code == 1
    assert data("cluster", "show", "default")["policy"]["drift"] == "enforce"
    assert run(*told, "drift=record", "stops_per_pass_max=5").stdout == "drift: enforce → record\n"
    assert run(*told, "track_host_change=true").stdout == "track_host_change: false → true\n"
    assert "nothing is changed" in run(*told, "drift=record").stdout


@pytest.mark.parametrize(
    "wrong", [(), ("drift",), ("=record",), ("drift=record", "x"), ("a=1", "a=2")], ids=str
)
def test_a_setting_has_a_name_and_a_value(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("cluster", "policy", "set", "default", *wrong).exit_code == 2
