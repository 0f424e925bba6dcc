"""`vmuster operation`."""

from collections.abc import Callable
from typing import Any

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


def test_operations_are_listed_and_shown(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    world.ours(alpha, "one")
    world.ours(alpha, "two")
    newest, older = data("operation", "list")
    assert (newest["name"], older["name"]) == ("two", "one")
    assert data("operation", "list", "-n", "1") == [newest]
    assert data("operation", "show", older["id"]) == older
    assert run("operation", "show", "none").exit_code == 1
    assert "adopt" in run("operation", "list").stdout
