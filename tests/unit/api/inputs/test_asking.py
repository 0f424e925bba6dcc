"""What routes are given of a request: bounds, references, and keys of repeated requests."""

import httpx2
import pytest

from tests.served import KEYS, Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "1e9"])
def test_a_limit_is_bounded(http: httpx2.Client, limit: str) -> None:
    problem(http.get("operations", params={"limit": limit}), 422)


@pytest.mark.parametrize("wait", ["-1", "61", "nan", "inf", "x"])
def test_a_wait_is_bounded(alpha: Host, http: httpx2.Client, wait: str) -> None:
    problem(http.get(f"hosts/{alpha.id}", params={"wait": wait}), 422)


def test_a_reference_is_decoded_once(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.appear(alpha, "100%2F")
    assert http.get("vms/100%252F").json()["uuid"] == str(vm)
    problem(http.get("vms/100%2F"), 404)


def test_the_same_key_makes_one_operation(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.ours(alpha, "twice")
    keyed = {"Idempotency-Key": "k1"}
    first = http.post(f"vms/{vm}/stop", headers=keyed).json()
    assert http.post(f"vms/{vm}/stop", headers=keyed).json()["id"] == first["id"]
    problem(http.post(f"vms/{vm}/start", headers=keyed), 409)


def test_two_actors_with_the_same_key_do_not_clash(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "shared")
    keyed = {"Idempotency-Key": "k2"}
    first = http.post(f"vms/{vm}/stop", headers=keyed).json()
    http.get(f"operations/{first['id']}?wait=10")
    bert = keyed | {"Authorization": f"Bearer {KEYS['bert']}"}
    second = httpx2.post(f"{world.url}/api/v1/vms/{vm}/start", headers=bert).json()
    assert (second["kind"], second["actor"]) == ("start", "bert")


def test_a_key_is_bounded(http: httpx2.Client) -> None:
    problem(http.post("vms/x/stop", headers={"Idempotency-Key": "k" * 201}), 422)
