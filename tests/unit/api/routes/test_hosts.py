"""Routes of hosts."""

import httpx2
import pytest

from tests.doors import Door, at_door
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
    entries = http.get("journal", params={"host": "alpha"}).json()["items"]
    changed = next(entry for entry in entries if "cordoned" in entry["what"])
    assert (changed["kind"], changed["actor"]) == ("audit", "anna")


@pytest.mark.parametrize(
    "body",
    [{}, {"mode": "all"}, {"mode": "observe", "cluster": "x"}, {"mode": "manage", "shared": "yes"}],
)
def test_nothing_else_can_be_changed(
    alpha: Host, http: httpx2.Client, body: dict[str, str]
) -> None:
    problem(http.patch("hosts/alpha", json=body), 422)


@pytest.mark.parametrize("name", ["none", "%2E%2E", "a%2Fb", "%00", "%FF", "%1B%5B31m"])
def test_an_unknown_host_is_not_found(http: httpx2.Client, name: str) -> None:
    problem(http.get(f"hosts/{name}"), 404)
    problem(http.patch(f"hosts/{name}", json={"mode": "observe"}), 404)


def test_a_host_is_accepted_under_the_uuid_that_it_claims(alpha: Host, http: httpx2.Client) -> None:
    uuid = "4c4c4544-0051-3510-8052-b4c04f4a3132"
    refused = problem(http.post("hosts/alpha/accept", json={"uuid": uuid}), 409)
    assert "does not say" in refused["detail"]
    problem(http.post("hosts/alpha/accept", json={"uuid": "x"}), 422)
    problem(http.post("hosts/none/accept", json={"uuid": uuid}), 404)


def test_a_host_is_removed_once_it_has_no_vm_of_ours(world: Served, http: httpx2.Client) -> None:
    with_ours = {"name": "gamma", "profile": LOCAL}
    gamma = world.add_host("gamma")
    vm = world.ours(gamma, "stays as it is")
    refused = problem(http.delete("hosts/gamma"), 409)
    assert refused["hint"] == "vmuster host remove gamma --release"
    asked = http.post("hosts/gamma/release")
    assert asked.status_code == 202
    (operation,) = asked.json()["items"]
    ended = http.get(f"operations/{operation['id']}", params={"wait": 10}).json()
    assert (ended["kind"], ended["state"], ended["vm"]) == ("release", "done", str(vm))
    assert http.delete("hosts/gamma").json()["name"] == "gamma"
    problem(http.get("hosts/gamma"), 404)
    problem(http.delete("hosts/gamma"), 404)
    assert world.hypervisor("gamma").domains[vm].active
    assert http.post("hosts", json=with_ours).status_code == 201


def test_a_host_that_is_heard_of_is_not_forgotten(alpha: Host, http: httpx2.Client) -> None:
    problem(http.delete("hosts/alpha", params={"forget": "true"}), 409)
    problem(http.delete("hosts/alpha", params={"forget": "perhaps"}), 422)


@pytest.mark.parametrize(
    "profile",
    [
        {"kind": "ssh", "address": "-oProxyCommand=x", "host_key": "ssh-ed25519 AAAA"},
        {"kind": "ssh", "address": "a.example", "host_key": "not a key"},
        {"kind": "tls", "address": "a?pkipath=x"},
    ],
    ids=str,
)
def test_a_profile_that_means_something_else_is_refused(
    http: httpx2.Client, profile: dict[str, str]
) -> None:
    problem(http.post("hosts", json={"name": "wrong", "profile": profile}), 409)


def test_a_host_is_renamed_and_stays_the_same(alpha: Host, http: httpx2.Client) -> None:
    after = http.patch("hosts/alpha", json={"name": "north"}).json()
    assert (after["id"], after["name"]) == (alpha.id, "north")
    problem(http.get("hosts/alpha"), 404)
    assert http.patch("hosts/north", json={"name": "alpha"}).json()["id"] == alpha.id
    problem(http.patch("hosts/alpha", json={"name": "a b"}), 409)


def test_it_is_changed_only_as_it_was_read(alpha: Host, http: httpx2.Client) -> None:
    read = http.get("hosts/alpha")
    tag = {"If-Match": read.headers["etag"]}
    changed = http.patch("hosts/alpha", json={"mode": "maintenance"}, headers=tag)
    assert changed.json()["mode"] == "maintenance"
    assert changed.headers["etag"] != read.headers["etag"]
    problem(http.patch("hosts/alpha", json={"mode": "manage"}, headers=tag), 412)
    problem(http.delete("hosts/alpha", headers=tag), 412)
    assert http.get("hosts/alpha").json()["mode"] == "maintenance"
    now = {"If-Match": http.get("hosts/alpha").headers["etag"]}
    assert http.patch("hosts/alpha", json={"mode": "manage"}, headers=now).is_success


def test_how_a_host_is_reached_is_for_admins() -> None:
    async def act(door: Door) -> list[int]:
        await door.parts.host()
        return [
            (await door.ask("PATCH", "hosts/alpha", key=key, json=body)).status_code
            for key in ("read", "operate", "admin")
            for body in ({"mode": "cordoned"}, {"name": "alpha", "mode": "manage"})
        ]

    assert at_door(act) == [403, 403, 200, 403, 200, 200]
