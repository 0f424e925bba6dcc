"""`vmuster status`."""

from collections.abc import Callable
from typing import Any

from tests.served import Served
from tests.unit.cli.conftest import Run
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
