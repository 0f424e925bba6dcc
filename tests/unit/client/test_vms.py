"""VMs, over real HTTP."""

from tests.served import Served
from vmuster.client.rest import Client
from vmuster.model.host import Host


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
