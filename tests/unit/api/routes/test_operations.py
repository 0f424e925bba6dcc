"""Routes of operations."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


def test_an_operation_is_waited_for(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.ours(alpha, "one")
    asked = http.post(f"vms/{vm}/stop").json()
    assert asked["state"] == "pending"
    assert not {"idempotency_key", "intake", "previous"} & asked.keys()
    ended = http.get(f"operations/{asked['id']}", params={"wait": 10}).json()
    assert (ended["state"], ended["finished_at"] is None) == ("done", False)
    listed = http.get("operations").json()["items"]
    assert [operation["kind"] for operation in listed] == ["stop", "adopt"]
    assert len(http.get("operations?limit=1").json()["items"]) == 1


def test_an_unknown_operation_is_not_found(http: httpx2.Client) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    problem(http.get(f"operations/{unknown}", params={"wait": 10}), 404)


@pytest.mark.parametrize("wrong", ["x", "%00", "1%2F2", "..%2Fhosts"])
def test_an_id_is_a_uuid(http: httpx2.Client, wrong: str) -> None:
    problem(http.get(f"operations/{wrong}"), 422)
