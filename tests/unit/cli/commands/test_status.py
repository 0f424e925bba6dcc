"""`vmuster status`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking.speaking import state_dir
from vmuster.cli.commands import status
from vmuster.model.host import Host


def test_the_fleet_is_on_one_screen(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    world.appear(alpha, "a stranger")
    shown = run("status").stdout
    assert "automation   ARMED\n" in shown
    assert "1 up (1 in manage)" in shown
    assert "VMs          1 alien" in shown
    assert len(shown.splitlines()) < 25
    status = data("status")
    assert status["standings"] == {"alien": 1}
    assert run("status", "-o", "name").stdout == f"{status['id']}\n"


def test_a_server_that_is_just_starting_is_waited_for(
    alone: Run, world: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(_seconds: float) -> None:
        """The server writes its file while we wait."""
        state_dir().mkdir()
        file = state_dir() / "client.toml"
        file.write_text(f'url = "{world.url}"\nkey = "{KEYS["anna"]}"\n')

    monkeypatch.setattr(status, "pause", started)
    assert alone("status").exit_code == 1
    waited = alone("status", "--wait")
    assert (waited.exit_code, waited.stderr) == (0, "")


def test_a_server_that_does_not_come_is_given_up(
    alone: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 61.0])
    monkeypatch.setattr(status, "present", lambda: next(times))
    assert alone("status", "--wait").exit_code == 1
