"""A query that is not understood is refused, and never passed over."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("vms?standng=alien", "standng"),
        ("vms?HOST=alpha", "HOST"),
        ("operations?vms=x", "vms"),
        ("status?x", "x"),
        ("hosts/alpha?%0A=1", "\\n"),
    ],
)
def test_a_misspelt_parameter_is_named(
    alpha: Host, http: httpx2.Client, path: str, named: str
) -> None:
    said = problem(http.get(path), 422)["detail"]
    assert f"query.{named}: there is no such parameter here" in said


def test_what_there_is_is_told(http: httpx2.Client) -> None:
    assert (
        "host, cluster, standing, power, desired, phase, name"
        in problem(http.get("vms?nam=x"), 422)["detail"]
    )
    assert "there is none" in problem(http.get("fleet?all=1"), 422)["detail"]


def test_a_parameter_said_twice_is_refused(alpha: Host, http: httpx2.Client) -> None:
    assert http.get("vms?host=alpha").status_code == 200
    assert "more than once" in problem(http.get("vms?host=alpha&host=beta"), 422)["detail"]
    assert "more than once" in problem(http.get("journal?limit=1&limit=2"), 422)["detail"]
    assert http.get("journal?kind=audit&kind=alert").status_code == 200


def test_a_request_with_a_wrong_query_does_nothing(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "kept running")
    problem(http.post(f"vms/{vm}/stop?forse=true"), 422)
    assert [each["kind"] for each in http.get("operations?limit=1").json()["items"]] == ["adopt"]
    problem(http.delete("hosts/alpha?forgt=true"), 422)
    assert http.get("hosts/alpha").status_code == 200
