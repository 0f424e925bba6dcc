"""The fleet, its clusters and its keys, over real HTTP."""

from tests.served import Served
from tests.unit.api.routes.test_credentials import ssh_key
from vmuster.client.rest import Client
from vmuster.model.host import Host
from vmuster.server.secrets.host_keys import HostKey


def test_clusters(client: Client) -> None:
    assert client.add_cluster("north")["name"] == "north"
    assert [cluster["name"] for cluster in client.clusters()] == ["default", "north"]
    assert client.set_policy("north", {"drift": "enforce"})["policy"]["drift"] == "enforce"
    assert client.cluster("north")["policy"]["drift"] == "enforce"


def test_the_fleet(client: Client, alpha: Host) -> None:
    assert client.status()["modes"]["manage"] == 1
    changed = client.set_fleet_policy({"dark_percent_max": 50})
    assert client.fleet()["policy"] == changed["policy"]
    disarmed = client.set_automation("host", "alpha", armed=False, why="work")
    assert disarmed["disarmed_hosts"]["alpha"]["why"] == "work"
    assert client.set_automation("host", "alpha", armed=True)["disarmed_hosts"] == {}
    assert [key["signs"] for key in client.signing_keys()] == [True]
    assert len(client.rotate_signing_key()) == 2
    assert client.quarantine()["quarantine"] is None
    assert client.leave_quarantine()["quarantine"] is None


def test_keys_and_credentials(client: Client, world: Served) -> None:
    world.fleet.host_keys.shown["a.example", 2222] = (
        HostKey(type="ssh-ed25519", key="ssh-ed25519 AAAA", fingerprint="SHA256:x"),
    )
    (found,) = client.host_keys("a.example", port=2222)
    assert found["fingerprint"] == "SHA256:x"
    kept = client.put_credential("c1", ssh_key())
    assert client.credentials() == [kept]
    assert client.remove_credential("c1") == kept
