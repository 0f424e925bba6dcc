"""`vmuster journal`."""

from collections.abc import Callable
from typing import Any

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


def test_the_journal_is_read(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    vm = str(world.ours(alpha, "told"))
    assert {entry["vm"] for entry in data("journal", "--vm", "told")} == {vm}
    assert {entry["host"] for entry in data("journal", "--host", "alpha")} == {alpha.id}
    assert len(data("journal", "-n", "2")) == 2
    assert "told" in run("journal").stdout
    assert run("journal", "-n", "0").exit_code == 2
    assert run("journal", "--vm", "nobody").exit_code == 1


def test_a_time_that_is_none_is_answered_with_an_example(run: Run) -> None:
    told = run("journal", "--since", "yesterday")
    assert told.exit_code == 2
    assert "2d" in told.stderr
    assert run("journal", "--since", "1h", "-o", "name").exit_code == 0
