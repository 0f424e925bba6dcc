"""Route of the journal."""

import httpx2

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


def test_the_newest_entry_comes_first(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.ours(alpha, "told")
    entries = http.get("journal").json()["items"]
    assert [entry["id"] for entry in entries] == sorted(
        (entry["id"] for entry in entries), reverse=True
    )
    about = http.get("journal", params={"vm": "told"}).json()["items"]
    assert {entry["vm"] for entry in about} == {str(vm)}
    assert {"decision", "request", "result"} <= {entry["kind"] for entry in about}
    assert len(http.get("journal", params={"limit": 2}).json()["items"]) == 2


def test_a_host_has_its_own(world: Served, alpha: Host, http: httpx2.Client) -> None:
    entries = http.get("journal", params={"host": "alpha"}).json()["items"]
    assert {entry["host"] for entry in entries} == {alpha.id}


def test_who_is_unknown_is_not_found(http: httpx2.Client) -> None:
    problem(http.get("journal", params={"vm": "nobody\x00/.."}), 404)
    problem(http.get("journal", params={"host": "nowhere"}), 404)
