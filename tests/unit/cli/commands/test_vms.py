"""`vmuster vm`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host
from vmuster.model.operations import Operation


def test_vms_are_listed_and_shown(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    vm = world.appear(alpha, "strange\n\x1b[31m")
    listed = data("vm", "list", "--host", "alpha", "--standing", "alien")
    assert [each["uuid"] for each in listed] == [str(vm)]
    assert data("vm", "show", "strange\n\x1b[31m")["uuid"] == str(vm)
    table = run("vm", "list").stdout
    assert "strange\\n\\x1b[31m" in table
    assert "\x1b" not in table
    assert data("vm", "list", "--standing", "foreign") == []
    assert run("vm", "list", "--standing", "mine").exit_code == 2
    assert run("vm", "show", "nobody").exit_code == 1


def test_a_vm_lives_its_life(data: Callable[..., Any], world: Served, alpha: Host) -> None:
    vm = str(world.appear(alpha, "life"))
    assert data("vm", "adopt", vm, "--host", "alpha", "--name", "ours")["state"] == "done"
    stopped = data("vm", "stop", "ours", "--force")
    assert (stopped["state"], stopped["force"], stopped["actor"]) == ("done", True, "anna")
    started = data("vm", "start", "ours")
    assert started["state"] == "done"
    released = data("vm", "release", "ours", "--no-wait")
    assert released["kind"] == "release"
    kept = [
        world.run(world.fleet.store.get(Operation, UUID(each["id"])))
        for each in (stopped, started, released)
    ]
    keys = {each.idempotency_key.partition("\n")[2] for each in kept if each is not None}
    assert len(keys - {""}) == 3


@pytest.mark.parametrize("act", [("start",), ("stop",), ("release",), ("forget", "--yes")])
def test_what_is_not_ours_is_refused(
    run: Run, world: Served, alpha: Host, act: tuple[str, ...]
) -> None:
    vm = world.appear(alpha, f"not ours: {act}")
    result = run("vm", *act, str(vm))
    assert (result.exit_code, result.stdout) == (1, "")
    what, hint = result.stderr.splitlines()
    assert "not ours" in what
    assert hint == f"what to do: vmuster vm adopt {vm}"
    assert world.hypervisor("alpha").acts_on(vm) == 0


def test_a_record_is_let_go_of_knowingly(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    vm = world.ours(alpha, "let go")
    world.hypervisor("alpha").destroy(vm)
    world.hypervisor("alpha").undefine(vm)
    world.passes(alpha, 3)
    asked = run("vm", "forget", "let go")
    assert (asked.exit_code, "let go" in asked.stderr, "--yes" in asked.stderr) == (1, True, True)
    said = data("vm", "forget", "let go", "--on", "alpha", "--yes")
    assert said["message"] == "anna says that no copy of it is left on host alpha"
    assert data("vm", "forget", "let go", "--yes")["message"].startswith("forgotten")


def test_a_vm_is_explained(data: Callable[..., Any], run: Run, world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "why"))
    assert run("vm", "stop", vm).exit_code == 0
    world.passes(alpha)
    said = run("vm", "explain", "why").stdout
    assert said.index("Why was it stopped?") < said.index("anna asked to stop it") < 200
    assert data("vm", "explain", "why")["uuid"] == vm
    assert run("vm", "explain", "why", "-o", "name").stdout == f"{vm}\n"
    assert run("vm", "explain", "nobody").exit_code == 1


def test_of_two_namesakes_the_host_says_which(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    beta = world.add_host("beta")
    here, there = (str(world.appear(host, "namesake")) for host in (alpha, beta))
    assert "--host" in run("vm", "show", "namesake").stderr
    assert data("vm", "show", "namesake", "--host", "alpha")["uuid"] == here
    assert data("vm", "explain", "namesake", "--host", "beta")["uuid"] == there
    assert data("vm", "adopt", "namesake", "--host", "beta")["vm"] == there
    world.passes(beta)
    assert data("vm", "stop", "namesake", "--force", "--host", "beta")["vm"] == there
    assert run("vm", "start", "namesake", "--host", "alpha").exit_code == 1
