"""Why a VM is as it is, by true stories."""

from tests.served import Served
from vmuster.cli.explaining import explain
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid

WHY = "Why was it stopped?"


def told(world: Served, vm: VmUuid, *, limit: int = 200) -> list[str]:
    with world.client() as client:
        hosts = {host["id"]: host["name"] for host in client.hosts()}
        return list(explain(client.explanation(str(vm), limit=limit), hosts))


def section(lines: list[str], heading: str) -> dict[str, str]:
    """The labels and what they say under a heading that begins so."""
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rest = lines[start + 1 :]
    rows = rest[: rest.index("") if "" in rest else None]
    return {row.split()[0]: row.split(maxsplit=1)[1] for row in rows}


def asked(world: Served, vm: VmUuid, act: str) -> None:
    with world.client("bert") as client:
        operation = client.stop(str(vm)) if act == "stop" else client.start(str(vm))
        assert client.operation(operation["id"], wait_seconds=10)["state"] == "done"


def test_a_vm_that_runs_is_said_to_run(world: Served, alpha: Host) -> None:
    lines = told(world, world.ours(alpha, "runs"))
    assert lines[0].startswith("runs  ")
    assert WHY not in lines
    what = section(lines, "What it is")
    assert what["standing"] == "owned"
    assert "on alpha: running" in what["seen"]


def test_a_stop_by_request_names_who_asked_and_how(world: Served, alpha: Host) -> None:
    vm = world.ours(alpha, "by request")
    asked(world, vm, "stop")
    world.passes(alpha)
    lines = told(world, vm)
    assert lines[2] == WHY
    why = section(lines, WHY)
    assert why["answer"].startswith("bert asked for it, 20")
    assert why["proof"].startswith("record: ")
    assert why["command"].startswith("stop_vm (shutdown), by bert, 20")
    assert why["result"].startswith("done, 20")
    assert "reason" not in why


def test_a_guest_that_did_not_obey_was_ended_by_us_and_by_nobody_else(
    world: Served, alpha: Host
) -> None:
    vm = world.ours(alpha, "deaf")
    world.do(lambda: setattr(world.hypervisor("alpha").domains[vm], "deaf", True))
    asked(world, vm, "stop")
    world.passes(alpha)
    why = section(told(world, vm), WHY)
    assert why["answer"].startswith("bert asked for it, 20")
    assert "by force: its guest did not obey" in why["result"]
    assert "reason" not in why


def test_an_automatic_stop_names_its_rule_and_who_granted_it(world: Served, alpha: Host) -> None:
    with world.client() as client:
        client.set_policy("default", {"unknown_vms": "stop-by-name"})
        vm = world.appear(alpha, "i-2-99-VM")
        stopped = world.run(world.fleet.until(lambda: _stopped(world, alpha, vm)))
        client.set_policy("default", {"unknown_vms": "leave"})
    assert stopped
    why = section(told(world, vm), WHY)
    assert why["answer"] == "vmuster stopped it by itself, under rule standing-11"
    assert why["because"].startswith("found an unknown VM with a name of ours")
    assert "granted by anna for cluster default" in why["proof"]
    assert why["command"].startswith("stop_vm (save), by vmuster, ")


def test_an_automatic_stop_over_budget_names_who_approved_it(world: Served, alpha: Host) -> None:
    with world.client() as client:
        client.set_policy("default", {"unknown_vms": "stop-by-name", "stops_per_pass_max": 0})
        vm = world.appear(alpha, "i-2-98-VM")
        world.passes(alpha, 4)
        (plan,) = client.plans()
        client.approve_plan(plan["id"])
        assert world.run(world.fleet.until(lambda: _stopped(world, alpha, vm)))
        client.set_policy("default", {"unknown_vms": "leave", "stops_per_pass_max": 10})
    answer = section(told(world, vm), WHY)["answer"]
    assert answer.startswith("vmuster stopped it, as anna had approved (plan ")


async def _stopped(world: Served, host: Host, vm: VmUuid) -> bool:
    seen = await world.fleet.sighting(host, vm)
    return seen is not None and not seen.active


def test_a_stop_by_another_hand_is_not_ours(world: Served, alpha: Host) -> None:
    vm = world.ours(alpha, "by hand")
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.passes(alpha, 3)
    why = section(told(world, vm), WHY)
    assert why["answer"] == "not by vmuster: it sent no command for it"
    assert "by a hand that is not ours" in why["seen"]
    assert why["reason"] == "on alpha: somebody stopped it through the hypervisor"


def test_the_last_end_counts(world: Served, alpha: Host) -> None:
    """We stopped it, it was started, and then somebody else stopped it: that is the answer."""
    vm = world.ours(alpha, "twice")
    asked(world, vm, "stop")
    asked(world, vm, "start")
    world.passes(alpha)
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.passes(alpha, 3)
    assert "not by vmuster" in section(told(world, vm), WHY)["answer"]


def test_a_stop_before_it_was_started_by_hand_is_no_answer(world: Served, alpha: Host) -> None:
    vm = world.ours(alpha, "again")
    asked(world, vm, "stop")
    world.do(lambda: world.hypervisor("alpha").start(vm))
    world.passes(alpha, 3)
    assert WHY not in told(world, vm)
    world.do(lambda: world.hypervisor("alpha").crash(vm))
    world.passes(alpha, 3)
    why = section(told(world, vm), WHY)
    assert "not by vmuster" in why["answer"]
    assert "crashed" in why["reason"]


def test_a_stranger_that_was_stopped_was_not_stopped_by_us(world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "Windows 7 (32-bit) (1)")
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.passes(alpha, 3)
    lines = told(world, vm)
    assert "not by vmuster" in section(lines, WHY)["answer"]
    assert section(lines, "What it is")["standing"] == "alien"


def test_a_vm_that_is_gone_is_explained(world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "gone")
    world.do(lambda: world.hypervisor("alpha").destroy(vm))
    world.do(lambda: world.hypervisor("alpha").undefine(vm))
    world.passes(alpha, 4)
    lines = told(world, vm)
    assert lines[0].startswith("gone  ")
    assert "on no host any more" in section(lines, "What it is")["seen"]
    assert "not by vmuster" in section(lines, WHY)["answer"]


def test_what_the_hypervisor_says_otherwise_is_told(world: Served, alpha: Host) -> None:
    """Its guest should have shut down, and the hypervisor tells another story."""
    vm = world.ours(alpha, "otherwise")
    asked(world, vm, "stop")
    world.passes(alpha)
    with world.client() as client:
        explanation = client.explanation(str(vm))
    explanation["vms"][0]["reason"] = "crashed"
    assert section(list(explain(explanation, {})), WHY)["reason"] == "on alpha: it crashed"
