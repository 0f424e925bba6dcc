"""What lets vmuster do more by itself is shown and asked for; everything else goes through."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

SET = ("cluster", "policy", "set", "default")


@pytest.fixture(autouse=True)
def _as_before(run: Run, alpha: Host) -> Generator[None]:
    yield
    run(*SET, "unknown_vms=leave", "drift=record", "restart=never")
    run("host", "mode", "alpha", "manage", "--yes")


@pytest.mark.parametrize(
    "setting", ["unknown_vms=stop-by-mark", "drift=enforce", "restart=on-crash", "restart=ever"]
)
def test_a_higher_rung_is_asked_for(run: Run, data: Callable[..., Any], setting: str) -> None:
    refused = run(*SET, setting, "quiet_seconds=7")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "next pass would do nothing" in refused.stderr or "ever" in setting
    assert "--yes" in refused.stderr or "ever" in setting
    assert data("cluster", "show", "default")["policy"]["quiet_seconds"] != 7


def test_a_lower_rung_or_the_same_is_not(run: Run) -> None:
    assert run(*SET, "unknown_vms=stop-by-name", "drift=enforce", "--yes").exit_code == 0
    assert run(*SET, "unknown_vms=stop-by-mark", "drift=enforce").exit_code == 0
    assert run(*SET, "stops_per_pass_max=9", "restart=never").exit_code == 0


def test_what_the_next_pass_would_do_is_shown_before(run: Run, world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "i-9-99-VM")
    world.passes(alpha, 3)
    refused = run(*SET, "unknown_vms=stop-by-name")
    assert f"would stop i-9-99-VM ({vm})" in refused.stderr
    assert "Cluster default will be under unknown_vms=stop-by-name." in refused.stderr
    assert world.hypervisor("alpha").acts_on(vm) == 0


def test_a_host_is_managed_unasked_only_where_nothing_would_follow(run: Run) -> None:
    manage = ("host", "mode", "alpha", "manage")
    assert run("host", "mode", "alpha", "observe").exit_code == 0
    assert run(*manage).exit_code == 0
    assert run(*SET, "drift=enforce", "--yes").exit_code == 0
    assert run(*manage).exit_code == 0
    assert run("host", "mode", "alpha", "cordoned").exit_code == 0
    refused = run(*manage)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Host alpha will be managed, under drift=enforce." in refused.stderr
    assert run(*manage, "--yes").exit_code == 0


@pytest.mark.parametrize("where", [(), ("--cluster", "default"), ("--host", "alpha")])
def test_what_was_kept_back_is_shown_before_it_is_armed(
    run: Run, world: Served, alpha: Host, where: tuple[str, ...]
) -> None:
    assert run("disarm", *where).exit_code == 0
    assert run(*SET, "unknown_vms=stop-by-name", "--yes").exit_code == 0
    name = f"i-9-{70 + len(''.join(where))}-VM"
    vm = world.appear(alpha, name)
    world.passes(alpha, 3)
    refused = run("arm", *where)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"withheld: stop {name} ({vm})" in refused.stderr
    assert "--yes" in refused.stderr
    assert run(*SET, "unknown_vms=leave").exit_code == 0
    assert run("arm", *where).exit_code == 0
    assert world.hypervisor("alpha").acts_on(vm) == 0
