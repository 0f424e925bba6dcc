"""`vmuster disarm` and `vmuster arm`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ((), "the fleet was disarmed by anna"),
        (("--cluster", "default"), "cluster default was disarmed by anna"),
        (("--host", "alpha"), "host alpha was disarmed by anna"),
    ],
)
def test_it_is_disarmed_and_armed_and_that_is_shown(
    run: Run, alpha: Host, where: tuple[str, ...], said: str
) -> None:
    assert "ARMED" in run("status").stdout
    shown = run("disarm", *where, "--why", "new switch").stdout
    assert said in shown
    assert "new switch" in shown
    assert " ".join(("vmuster arm", *where)) in shown
    assert "disarmed" not in run("arm", *where).stdout


def test_one_place_is_meant(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    assert run("disarm", "--host", "alpha", "--cluster", "default").exit_code == 2
    assert run("disarm", "--host", "none").exit_code == 1
    assert run("disarm", "--why", "x" * 501).exit_code == 2
    assert data("status")["disarmed_hosts"] == {}
