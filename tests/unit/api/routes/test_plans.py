"""Routes of plans: held ones, and what the next pass would do."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host

NO_PLAN = "plans/00000000-0000-0000-0000-000000000001"


@pytest.fixture
def held(
    request: pytest.FixtureRequest, world: Served, alpha: Host, http: httpx2.Client
) -> Generator[dict[str, Any]]:
    """A plan over budget: a VM that is to be stopped, and a budget of none."""
    world.run(world.fleet.policy(drift="enforce", stops_per_pass_max=0))
    vm = world.ours(alpha, request.node.name, running=False)
    world.do(lambda: world.hypervisor("alpha").start(vm))
    world.run(world.fleet.until(world.fleet.service.holds.list_))
    (plan,) = http.get("plans").json()["items"]
    yield plan
    world.run(world.fleet.policy(drift="record", stops_per_pass_max=10))


def test_a_held_plan_is_shown_and_approved(
    world: Served, held: dict[str, Any], http: httpx2.Client
) -> None:
    (act,) = held["acts"]
    assert (act["act"], held["state"]) == ("stop", "held")
    assert act["name"].startswith("test_a_held_plan")
    assert http.get(f"plans/{held['id']}").json()["acts"] == held["acts"]
    approved = http.post(f"plans/{held['id']}/approve").json()
    assert (approved["state"], approved["by"]) == ("approved", "anna")
    world.run(world.fleet.until(lambda: _stopped(world, act["vm"])))


def test_a_rejected_plan_is_not_done(
    world: Served, alpha: Host, held: dict[str, Any], http: httpx2.Client
) -> None:
    (act,) = held["acts"]
    rejected = http.post(f"plans/{held['id']}/reject").json()
    assert (rejected["state"], rejected["by"]) == ("rejected", "anna")
    world.passes(alpha, 3)
    assert http.get(f"vms/{act['vm']}").json()["power"] == "running"


async def _stopped(world: Served, vm: str) -> bool:
    domains = world.hypervisor("alpha").domains
    return any(str(uuid) == vm and not domain.active for uuid, domain in domains.items())


def test_what_is_not_held_is_not_decided(http: httpx2.Client) -> None:
    for act in ("approve", "reject"):
        assert problem(http.post(f"{NO_PLAN}/{act}"), 404)["hint"] == "vmuster plan list"
        assert "no plan x" in problem(http.post(f"plans/x/{act}"), 404)["detail"]
    problem(http.get(NO_PLAN), 404)
    assert "no plan 12" in problem(http.get("plans/12"), 404)["detail"]


def test_a_pass_is_looked_at_before_it_happens(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.appear(alpha, "i-9-99-VM")
    world.passes(alpha, 3)
    asked = {"host": "alpha", "settings": {"unknown_vms": "stop-by-name"}}
    (preview,) = http.post("preview", json=asked).json()["items"]
    (item,) = [item for item in preview["items"] if item["vm"] == str(vm)]
    assert (preview["host"], preview["what_if"], item["act"]) == ("alpha", True, "stop_vm")
    (preview,) = http.post("preview", json={"host": "alpha"}).json()["items"]
    assert not preview["what_if"]
    assert [item["act"] for item in preview["items"] if item["act"]] == []
    (preview,) = http.post("preview", json={**asked, "mode": "observe"}).json()["items"]
    assert [item["act"] for item in preview["items"] if item["act"]] == []
    world.passes(alpha, 3)
    assert world.hypervisor("alpha").acts_on(vm) == 0
    assert http.get("clusters/default").json()["policy"]["unknown_vms"] == "leave"


def test_previews_are_of_a_host_a_cluster_or_all(alpha: Host, http: httpx2.Client) -> None:
    assert http.post("clusters", json={"name": "empty"}).status_code == 201
    for body, hosts in (({}, ["alpha"]), ({"cluster": "default"}, ["alpha"])):
        items = http.post("preview", json=body).json()["items"]
        assert [item["host"] for item in items] == hosts
    assert http.post("preview", json={"cluster": "empty"}).json()["items"] == []
    problem(http.post("preview", json={"cluster": "empty", "settings": {"none": 1}}), 409)
    problem(http.post("preview", json={"host": "none"}), 404)
    problem(http.post("preview", json={"cluster": "none"}), 404)
    problem(http.post("preview", json={"settings": {"none": 1}}), 409)
    problem(http.post("preview", json={"mode": "all"}), 422)


def test_too_many_hosts_are_not_previewed_at_once(
    monkeypatch: pytest.MonkeyPatch, alpha: Host, http: httpx2.Client
) -> None:
    monkeypatch.setattr("vmuster.api.routes.plans._HOSTS_MAX", 0)
    assert "one host" in problem(http.post("preview", json={}), 409)["hint"]
    assert http.post("preview", json={"host": "alpha"}).status_code == 200
