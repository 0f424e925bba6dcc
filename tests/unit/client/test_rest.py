"""Every route by its method, over real HTTP."""

import socket
import threading
from collections.abc import Generator

import pytest

from tests.served import Served, served
from tests.unit.api.test_credentials import ssh_key
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.rest import Client
from vmuster.model.host import Host
from vmuster.server.secrets.host_keys import HostKey


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha", "beta") as world:
        yield world


@pytest.fixture(scope="module")
def alpha(world: Served) -> Host:
    return world.add_host("alpha")


@pytest.fixture
def client(world: Served) -> Generator[Client]:
    with world.client() as client:
        yield client


def refused(status: int | None) -> "pytest.RaisesExc[ClientError]":
    return pytest.RaisesExc(ClientError, check=lambda error: error.status == status)


def test_clusters(client: Client) -> None:
    assert client.add_cluster("north")["name"] == "north"
    assert [cluster["name"] for cluster in client.clusters()] == ["default", "north"]
    assert client.set_policy("north", {"drift": "enforce"})["policy"]["drift"] == "enforce"
    assert client.cluster("north")["policy"]["drift"] == "enforce"


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


def test_plans(client: Client, alpha: Host) -> None:
    assert client.plans() == []
    for ask in (client.plan, client.approve_plan, client.reject_plan):
        with refused(404):
            ask("00000000-0000-0000-0000-000000000001")
    (preview,) = client.preview(host="alpha", settings={"drift": "enforce"}, mode="observe")
    assert (preview["host"], preview["mode"], preview["what_if"]) == ("alpha", "observe", True)
    assert len(client.preview(cluster="default")) == len(client.preview())


def test_keys_and_credentials(client: Client, world: Served) -> None:
    world.fleet.host_keys.shown["a.example", 2222] = (
        HostKey(type="ssh-ed25519", key="ssh-ed25519 AAAA", fingerprint="SHA256:x"),
    )
    (found,) = client.host_keys("a.example", port=2222)
    assert found["fingerprint"] == "SHA256:x"
    kept = client.put_credential("c1", ssh_key())
    assert client.credentials() == [kept]
    assert client.remove_credential("c1") == kept


def test_a_vm_and_its_operations(client: Client, world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "a/b?c")
    assert [each["uuid"] for each in client.vms(name="a/b?c", host="alpha")] == [str(vm)]
    adopted = client.adopt("a/b?c", name="ours")
    assert client.operation(adopted["id"], wait_seconds=10)["state"] == "done"
    world.passes(alpha)
    assert client.vm("ours")["standing"] == "owned"
    asks = (
        lambda: client.stop("ours", force=True, host="alpha"),
        lambda: client.start("ours", host="alpha"),
    )
    for ask in (*asks, lambda: client.release("ours")):
        assert client.operation(ask()["id"], wait_seconds=10)["state"] == "done"
    kinds = [operation["kind"] for operation in client.explanation(str(vm))["operations"]]
    assert kinds == ["release", "start", "stop", "adopt"]
    assert [operation["kind"] for operation in client.operations(limit=1)] == ["release"]
    assert {entry["vm"] for entry in client.journal(vm=str(vm), limit=3)} == {str(vm)}


def test_a_key_makes_repeated_calls_one(client: Client, world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "again"))
    assert client.stop(vm, key="k")["id"] == client.stop(vm, key="k")["id"]


@pytest.mark.parametrize("name", [".", "..", "...", "%2e", "x/../y", "\udcff", "é", "a\x00b"])
def test_no_name_leads_astray(client: Client, name: str) -> None:
    with refused(404):
        client.vm(name)
    with refused(404):
        client.start(name)


def test_a_refusal_says_what_to_do(client: Client, world: Served, alpha: Host) -> None:
    vm = str(world.appear(alpha, "strange"))
    with pytest.raises(ClientError) as caught:
        client.stop(vm)
    error = caught.value
    assert (error.status, error.title) == (409, "Refused")
    assert "not ours" in error.detail
    assert error.hint == f"vmuster vm adopt {vm}"


def test_a_wrong_key_is_said(world: Served) -> None:
    with Client(Profile(url=world.url, key="wrong")) as client, refused(401):
        client.hosts()


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = Client(Profile(url=f"http://127.0.0.1:{port}", key="k"))
    with client, pytest.raises(ClientError, match="no server answers") as caught:
        client.hosts()
    assert "vmuster serve" in caught.value.hint
    assert "client.toml" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not vmuster's"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not vmuster's"),
        (b"", "gave no answer"),
    ],
)
def test_whoever_answers_something_else_is_no_server(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    monkeypatch.setattr("vmuster.client.talking._PAUSES", ())
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            wire, _ = listener.accept()
            with wire:
                wire.recv(10_000)
                wire.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        client = Client(Profile(url=f"http://127.0.0.1:{listener.getsockname()[1]}", key="k"))
        with client, pytest.raises(ClientError, match=said):
            client.host("alpha")
        thread.join(10)
        assert not thread.is_alive()


def test_an_empty_name_is_asked_of_nobody(client: Client) -> None:
    for ask in (client.host, client.remove_host, client.plan, client.vm):
        with pytest.raises(ClientError, match="a name is empty"):
            ask("")
