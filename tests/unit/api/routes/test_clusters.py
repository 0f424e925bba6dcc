"""Routes of clusters."""

import httpx2
import pytest

from tests.unit.api.problem import problem


def test_a_cluster_is_added_shown_and_listed(http: httpx2.Client) -> None:
    answer = http.post("clusters", json={"name": "north"})
    assert answer.status_code == 201
    assert http.get("clusters/north").json()["policy"] == answer.json()["policy"]
    assert [c["name"] for c in http.get("clusters").json()["items"]] == ["default", "north"]
    problem(http.post("clusters", json={"name": "north"}), 409)


def test_its_policy_harms_nothing(http: httpx2.Client) -> None:
    policy = http.get("clusters/default").json()["policy"]
    assert (policy["unknown_vms"], policy["drift"], policy["restart"]) == (
        "leave",
        "record",
        "never",
    )


def test_settings_are_changed_all_or_none(http: httpx2.Client) -> None:
    path = "clusters/default/policy"
    changed = http.patch(path, json={"drift": "enforce", "stops_per_pass_max": "5"}).json()
    assert (changed["policy"]["drift"], changed["policy"]["stops_per_pass_max"]) == ("enforce", 5)
    problem(http.patch(path, json={"drift": "record", "none": 1}), 409)
    problem(http.patch(path, json={"drift": "record", "stops_per_pass_max": "many"}), 409)
    problem(http.patch(path, json={}), 409)
    assert http.get("clusters/default").json()["policy"]["drift"] == "enforce"


def test_a_grant_bears_a_name_and_no_signature(http: httpx2.Client) -> None:
    path = "clusters/default/policy"
    granted = http.patch(path, json={"unknown_vms": "stop-by-name"}).json()["grant"]
    assert granted["granted_by"] == "anna"
    assert "signature" not in granted
    assert http.patch(path, json={"unknown_vms": "leave"}).json()["grant"] is None


@pytest.mark.parametrize("name", ["none", "%2E%2E", "a%2Fb", "%00", "%FF"])
def test_an_unknown_cluster_is_not_found(http: httpx2.Client, name: str) -> None:
    problem(http.get(f"clusters/{name}"), 404)
    problem(http.patch(f"clusters/{name}/policy", json={"drift": "record"}), 404)
