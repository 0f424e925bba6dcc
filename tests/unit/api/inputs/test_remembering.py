"""VMs that are gone are remembered by name and by uuid."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


@pytest.mark.parametrize("by", ["name", "uuid"])
def test_a_vm_that_is_gone_is_still_explained(
    world: Served, alpha: Host, http: httpx2.Client, by: str
) -> None:
    name = f"gone by {by}"
    vm = world.appear(alpha, name)
    reference = name if by == "name" else str(vm)
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.do(lambda: world.hypervisor("alpha").undefine(vm))
    world.passes(alpha, 4)
    problem(http.get(f"vms/{reference}"), 404)
    explained = http.get(f"vms/{reference}/explanation").json()
    assert (explained["uuid"], explained["vms"]) == (str(vm), [])
    assert explained["journal"]


def test_what_was_never_seen_is_not_found(http: httpx2.Client) -> None:
    problem(http.get("vms/never/explanation"), 404)
    problem(http.get("vms/00000000-0000-0000-0000-000000000001/explanation"), 404)


def test_a_request_that_did_away_with_its_vm_can_be_repeated(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "let go and gone")
    key = {"Idempotency-Key": "release once"}
    first = http.post("vms/let go and gone/release", headers=key).json()
    http.get(f"operations/{first['id']}", params={"wait": 10})
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.do(lambda: world.hypervisor("alpha").undefine(vm))
    world.passes(alpha, 4)
    assert http.post("vms/let go and gone/release", headers=key).json()["id"] == first["id"]
    problem(http.post("vms/let go and gone/release"), 404)
    problem(http.post("vms/let go and gone/stop", headers=key), 409)
    other = {"Idempotency-Key": "another"}
    problem(http.post("vms/let go and gone/release", headers=other), 404)
