"""Hosts, over real HTTP."""

from tests.unit.client.refusals import refused
from vmuster.client.rest import Client
from vmuster.model.host import Host


def test_hosts(client: Client, alpha: Host) -> None:
    added = client.add_host("beta", {"kind": "local"})
    assert client.host(added["id"], wait_seconds=10)["last_complete_at"] is not None
    assert [host["name"] for host in client.hosts()] == ["alpha", "beta"]
    assert client.set_mode("beta", "cordoned")["mode"] == "cordoned"
    with refused(409):
        client.accept_host("beta", "4c4c4544-0051-3510-8052-b4c04f4a3132")
    assert client.release_host("beta") == []
    with refused(409):
        client.remove_host("beta", forget=True)
    assert client.remove_host("beta")["name"] == "beta"
