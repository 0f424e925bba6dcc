"""Routes of hosts."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host

LOCAL = {"kind": "local"}


def test_a_host_is_added_only_to_look_at_it(http: httpx2.Client) -> None:
    answer = http.post("hosts", json={"name": "beta", "profile": LOCAL})
    assert answer.status_code == 201
    added = answer.json()
    assert (added["mode"], added["cluster"]) == ("observe", "default")
    assert answer.headers["location"] == f"/api/v1/hosts/{added['id']}"
    seen = http.get(f"hosts/{added['id']}", params={"wait": 10}).json()
    assert seen["last_complete_at"] is not None
    again = http.post("hosts", json={"name": "beta", "profile": LOCAL})
    assert "taken" in problem(again, 409)["detail"]


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "ä", "a\n", "..", "x" * 64, "\x1b[31m"])
def test_a_name_of_ours_is_plain(http: httpx2.Client, name: str) -> None:
    problem(http.post("hosts", json={"name": name, "profile": LOCAL}), 409)


def test_an_unknown_cluster_is_not_found(http: httpx2.Client) -> None:
    body = {"name": "c", "profile": LOCAL, "cluster": "none"}
    assert problem(http.post("hosts", json=body), 404)["hint"] == "vmuster cluster list"


def test_loopback_hosts_must_be_allowed(http: httpx2.Client) -> None:
    body = {"name": "c", "profile": {"kind": "loopback", "port": 16509}}
    problem(http.post("hosts", json=body), 409)


def test_hosts_are_listed_by_name(alpha: Host, http: httpx2.Client) -> None:
    names = [host["name"] for host in http.get("hosts").json()["items"]]
    assert names == sorted(names)
    assert "alpha" in names


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_host_is_shown_by_name_or_id(alpha: Host, http: httpx2.Client, by: str) -> None:
    assert http.get(f"hosts/{getattr(alpha, by)}").json()["id"] == alpha.id


def test_a_mode_is_set_and_journalled(world: Served, alpha: Host, http: httpx2.Client) -> None:
    assert http.patch("hosts/alpha", json={"mode": "cordoned"}).json()["mode"] == "cordoned"
    assert http.get("hosts/alpha").json()["mode"] == "cordoned"
    (entry,) = http.get("journal", params={"host": "alpha", "limit": 1}).json()["items"]
    assert (entry["kind"], entry["actor"]) == ("audit", "anna")


@pytest.mark.parametrize("body", [{}, {"mode": "all"}, {"mode": "observe", "name": "x"}])
def test_nothing_else_can_be_changed(
    alpha: Host, http: httpx2.Client, body: dict[str, str]
) -> None:
    problem(http.patch("hosts/alpha", json=body), 422)


@pytest.mark.parametrize("name", ["none", "%2E%2E", "a%2Fb", "%00", "%FF", "%1B%5B31m"])
def test_an_unknown_host_is_not_found(http: httpx2.Client, name: str) -> None:
    problem(http.get(f"hosts/{name}"), 404)
    problem(http.patch(f"hosts/{name}", json={"mode": "observe"}), 404)
