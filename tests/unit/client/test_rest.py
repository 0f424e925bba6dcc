"""Every route by its method, over real HTTP."""

import socket
import threading
from collections.abc import Generator

import pytest

from tests.served import Served, served
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.rest import Client
from vmuster.model.host import Host


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


def test_a_vm_and_its_operations(client: Client, world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "a/b?c")
    assert [each["uuid"] for each in client.vms(name="a/b?c", host="alpha")] == [str(vm)]
    adopted = client.adopt("a/b?c", name="ours")
    assert client.operation(adopted["id"], wait_seconds=10)["state"] == "done"
    world.passes(alpha)
    assert client.vm("ours")["standing"] == "owned"
    asks = (lambda: client.stop("ours", force=True), lambda: client.start("ours"))
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


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not vmuster's"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not vmuster's"),
        (b"", "gave no answer"),
    ],
)
def test_whoever_answers_something_else_is_no_server(answer: bytes, said: str) -> None:
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
