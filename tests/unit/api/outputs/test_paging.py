"""Lists, a page at a time."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host

LISTS = [
    "hosts",
    "vms",
    "vms?host=alpha",
    "vms?standing=owned",
    "vms?cluster=default&power=running",
    "operations",
    "operations?state=done&kind=adopt",
    "journal",
    "journal?kind=decision&kind=request",
    "clusters",
    "keys",
    "plans",
    "credentials",
]


@pytest.fixture(scope="module")
def full(world: Served, alpha: Host) -> Host:
    """Host alpha with a few VMs; two more hosts, three clusters, two keys, two credentials."""
    for number in range(3):
        world.appear(alpha, f"same name {number}")
        world.ours(alpha, f"ours {number}")
    world.appear(world.add_host("beta"), "same name 0")
    with world.client() as client:
        client.add_cluster("north")
        client.add_cluster("south")
        client.rotate_signing_key()
    return alpha


def pages(http: httpx2.Client, path: str, limit: int) -> Iterator[dict[str, Any]]:
    """The pages of a list, found by their links."""
    address = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while True:
        answer = http.get(address)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        yield document
        link = answer.headers.get("link")
        assert (link is None) == (document["next"] is None)
        if link is None:
            return
        address = link.partition(">")[0].removeprefix("</api/v1/")
        assert link.endswith('>; rel="next"')
        assert dict(parse_qsl(urlsplit(address).query))["cursor"] == document["next"]


def known(item: dict[str, Any]) -> list[object]:
    """By what a thing of a list is known; the rest may change while we ask."""
    return [item.get(field) for field in ("id", "uuid", "host", "name")]


@pytest.mark.parametrize("path", LISTS)
def test_the_pages_are_the_whole_list(full: Host, http: httpx2.Client, path: str) -> None:
    (whole,) = pages(http, path, 1000)
    for limit in (1, 2):
        found = list(pages(http, path, limit))
        assert [known(item) for page in found for item in page["items"]] == [
            known(item) for item in whole["items"]
        ]
        assert all(len(page["items"]) == limit for page in found[:-1])


def test_lists_are_in_their_order(full: Host, http: httpx2.Client) -> None:
    def said(path: str, field: str) -> list[Any]:
        return [item[field] for item in http.get(path).json()["items"]]

    assert said("hosts", "name") == ["alpha", "beta"]
    assert said("clusters", "name") == ["default", "north", "south"]
    assert said("vms", "label") == sorted(said("vms", "label"))
    assert said("operations", "created_at") == sorted(said("operations", "created_at"))[::-1]
    assert said("keys", "signs") == [True, False]


@pytest.mark.parametrize(
    "path", ["hosts", "operations", "clusters", "keys", "plans", "credentials"]
)
def test_what_can_be_counted_is_counted(full: Host, http: httpx2.Client, path: str) -> None:
    (whole,) = pages(http, path, 1000)
    assert "total" not in whole
    counted = http.get(path, params={"count": True, "limit": 1}).json()
    assert counted["total"] == len(whole["items"])


def test_a_cursor_is_of_one_question(full: Host, http: httpx2.Client) -> None:
    following = http.get("vms?limit=1").json()["next"]
    assert http.get("vms", params={"cursor": following}).status_code == 200
    said = problem(http.get("vms", params={"cursor": following, "host": "alpha"}), 422)
    assert said["detail"].startswith("query.cursor: it is of another question")
    problem(http.get("hosts", params={"cursor": following}), 422)
    problem(http.get("journal", params={"cursor": "x" * 5000}), 422)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", ""])
def test_a_limit_is_between_one_and_a_thousand(http: httpx2.Client, limit: str) -> None:
    problem(http.get("hosts", params={"limit": limit}), 422)


def test_hosts_are_chosen(full: Host, http: httpx2.Client) -> None:
    def names(query: str) -> list[str]:
        return [host["name"] for host in http.get(f"hosts?{query}").json()["items"]]

    assert names("mode=manage") == ["alpha", "beta"]
    assert names("mode=observe") == names("cluster=north") == names("name=no") == []
    assert names("name=beta&health=up&cluster=default") == ["beta"]
    problem(http.get("hosts?cluster=nowhere"), 404)
    problem(http.get("hosts?mode=everything"), 422)


def test_vms_are_chosen(full: Host, http: httpx2.Client) -> None:
    def names(query: str) -> list[str]:
        return [vm["name"] for vm in http.get(f"vms?{query}").json()["items"]]

    ours = ["ours 0", "ours 1", "ours 2"]
    assert names("standing=owned") == names("desired=running") == names("phase=running") == ours
    assert names("name=same name 0") == ["same name 0"] * 2
    assert names("power=stopped") == names("cluster=north") == []
    assert names("host=beta") == ["same name 0"]
    assert names("standing=alien&name=ours 0") == []
    problem(http.get("vms?cluster=nowhere"), 404)


def test_operations_and_the_journal_are_chosen(full: Host, http: httpx2.Client) -> None:
    (newest, *_) = http.get("operations").json()["items"]
    of_vm = http.get("operations", params={"vm": "ours 1", "host": "alpha"}).json()["items"]
    assert [each["name"] for each in of_vm] == ["ours 1"]
    assert http.get("operations?actor=nobody").json()["items"] == []
    said = http.get("journal", params={"since": newest["created_at"]}).json()["items"]
    assert said
    assert all(entry["at"] >= newest["created_at"] for entry in said)
    assert len(http.get("journal").json()["items"]) > len(said)
    audits = http.get("journal?kind=audit&actor=anna").json()["items"]
    assert {entry["kind"] for entry in audits} == {"audit"}
    for wrong in ("since=yesterday", "since=2026-01-01T00:00:00", "kind=nothing"):
        problem(http.get(f"journal?{wrong}"), 422)


def test_a_host_that_was_removed_is_remembered(world: Served, http: httpx2.Client) -> None:
    gone = world.add_host("gamma")
    assert http.delete("hosts/gamma").status_code == 200
    problem(http.get("hosts/gamma"), 404)
    for reference in ("gamma", gone.id):
        entries = http.get("journal", params={"host": reference}).json()["items"]
        assert entries[0]["what"].startswith("host gamma was removed")
        assert {(entry["host"], entry["host_name"]) for entry in entries} == {(gone.id, None)}
    problem(http.get("journal?host=nowhere"), 404)
