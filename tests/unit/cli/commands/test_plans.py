"""`vmuster plan`."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

NO_PLAN = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def held(
    request: pytest.FixtureRequest, world: Served, alpha: Host, data: Callable[..., Any]
) -> Generator[dict[str, Any]]:
    """A plan over budget: a VM that is to be stopped, and a budget of none."""
    world.run(world.fleet.policy(drift="enforce", stops_per_pass_max=0))
    vm = world.ours(alpha, request.node.name, running=False)
    world.do(lambda: world.hypervisor("alpha").start(vm))
    world.run(world.fleet.until(world.fleet.service.holds.list_))
    (plan,) = data("plan", "list")
    yield plan
    world.run(world.fleet.policy(drift="record", stops_per_pass_max=10))


def test_a_plan_is_read_and_then_approved(
    held: dict[str, Any], run: Run, world: Served, alpha: Host
) -> None:
    plan, (act,) = held["id"], held["acts"]
    assert held["host_name"] == "alpha"
    assert act["name"] in run("plan", "show", plan[:8]).stdout
    status = run("status").stdout
    assert f"{plan}  host alpha, 1 act" in status
    withheld = run("plan", "--host", "alpha").stdout
    assert f"withheld: stop {act['name']}" in withheld
    refused = run("plan", "approve", plan)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"stop {act['name']}" in refused.stderr
    assert run("disarm", "--host", "alpha").exit_code == 0
    approved = run("plan", "approve", plan[:8], "--yes")
    assert approved.exit_code == 0
    assert "each act is decided and proved again" in approved.stdout
    assert "'vmuster arm --host alpha' ends it. Ends that" in approved.stdout
    assert f"{plan}  host alpha, 1 act, approved by anna" in run("status").stdout
    assert run("arm", "--host", "alpha", "--yes").exit_code == 0
    world.run(world.fleet.until(lambda: _stopped(world, act["vm"])))


async def _stopped(world: Served, vm: str) -> bool:
    domains = world.hypervisor("alpha").domains
    return any(str(uuid) == vm and not domain.active for uuid, domain in domains.items())


def test_a_plan_is_rejected(held: dict[str, Any], data: Callable[..., Any]) -> None:
    assert data("plan", "reject", held["id"])["state"] == "rejected"
    assert [plan["state"] for plan in data("plan", "list")] == ["rejected"]


def test_a_plan_that_is_not_held_is_not_found(run: Run) -> None:
    for act in (("show",), ("approve", "--yes"), ("reject", "--yes")):
        for plan in (NO_PLAN, NO_PLAN[:8], "no plan"):
            result = run("plan", *act, plan)
            assert (result.exit_code, result.stdout) == (1, "")
            assert "vmuster plan list" in result.stderr


def test_the_next_pass_is_told_and_nothing_is_done(
    run: Run, data: Callable[..., Any], world: Served, alpha: Host
) -> None:
    vm = world.appear(alpha, "i-9-99-VM")
    world.passes(alpha, 3)
    assert "nothing would be done" in run("plan", "--host", "alpha").stdout
    what_if = ("plan", "--host", "alpha", "--set", "unknown_vms=stop-by-name")
    shown = run(*what_if).stdout
    assert shown.startswith("WHAT IF: host alpha")
    assert f"would stop i-9-99-VM ({vm})" in shown
    observed = run(*what_if, "--mode", "observe").stdout
    assert "nothing would be done" in observed
    assert [preview["what_if"] for preview in data("plan", "--cluster", "default")] == [False]
    assert run("plan", "-o", "name").stdout == "alpha\n"
    assert world.hypervisor("alpha").acts_on(vm) == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--host", "alpha", "--cluster", "default"),
        ("--set", "drift"),
        ("--mode", "all"),
        ("--host", "alpha", "list"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_a_usage_error(run: Run, words: tuple[str, ...]) -> None:
    assert run("plan", *words).exit_code == 2
