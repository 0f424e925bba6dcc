"""Route of the fleet's state."""

import httpx2

from tests.served import Served
from vmuster.model.host import Host


def test_it_counts_hosts_and_vms(world: Served, alpha: Host, http: httpx2.Client) -> None:
    world.appear(alpha, "a stranger")
    world.ours(alpha, "one of ours")
    status = http.get("status").json()
    assert status["standings"] == {"alien": 1, "owned": 1}
    assert status["modes"] == {"manage": 1}
    assert (status["quarantine"], status["disarmed"], status["held"]) == (None, None, [])
    assert [cluster["name"] for cluster in status["clusters"]] == ["default"]
