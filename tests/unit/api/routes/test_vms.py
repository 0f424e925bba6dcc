"""Routes of VMs."""

from urllib.parse import quote

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host

HOSTILE = [
    "Windows 7 (32-bit) (1)",
    "a/b",
    "x/explanation",
    "..",
    "?a=b&c#d",
    "%41",
    "new\nline",
    "\x1b[31mred",
    "\u202egnp.exe",
    "<script>alert(1)</script>",
    "'; DROP TABLE vm; --",
    "日本語 🤖",
    "--help",
]


def path(name: str) -> str:
    return "vms/" + quote(name, safe="").replace(".", "%2E")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_every_name_works(world: Served, alpha: Host, http: httpx2.Client, name: str) -> None:
    vm = world.appear(alpha, name)
    shown = http.get(path(name)).json()
    assert (shown["uuid"], shown["name"], shown["standing"]) == (str(vm), name, "alien")
    found = http.get("vms", params={"name": name}).json()["items"]
    assert [each["uuid"] for each in found] == [str(vm)]
    assert http.get(f"{path(name)}/explanation").json()["uuid"] == str(vm)
    adopted = http.post(f"{path(name)}/adopt")
    assert adopted.status_code == 202
    assert adopted.json()["name"] == name


def test_vms_are_chosen_by_host_and_standing(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    world.appear(alpha, "chosen")
    world.ours(alpha, "ours")
    chosen = http.get("vms", params={"host": alpha.id, "standing": "owned"}).json()["items"]
    assert "ours" in [vm["name"] for vm in chosen]
    assert "chosen" not in [vm["name"] for vm in chosen]
    assert {(vm["host"], vm["standing"]) for vm in chosen} == {("alpha", "owned")}
    problem(http.get("vms", params={"host": "none"}), 404)
    problem(http.get("vms", params={"standing": "mine"}), 422)


def test_a_vm_lives_its_life(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.appear(alpha, "life")
    for act, body in (
        ("adopt", {"host": "alpha", "name": "renamed"}),
        ("stop", {"force": True}),
        ("start", None),
        ("release", None),
    ):
        answer = http.post(f"vms/{vm}/{act}", json=body)
        assert answer.status_code == 202, answer.text
        asked = answer.json()
        assert (asked["kind"], asked["actor"]) == (act, "anna")
        assert answer.headers["location"] == f"/api/v1/operations/{asked['id']}"
        ended = http.get(f"operations/{asked['id']}", params={"wait": 10}).json()
        assert (act, ended["state"], ended["force"]) == (act, "done", act == "stop")
    shown = http.get(f"vms/{vm}").json()
    assert (shown["standing"], shown["power"], shown["name"]) == ("alien", "running", "life")


def test_a_record_is_let_go_of_where_its_vm_is_not_there(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "forgotten")
    assert "release" in problem(http.post(f"vms/{vm}/forget"), 409)["hint"]
    hypervisor = world.hypervisor("alpha")
    hypervisor.destroy(vm)
    hypervisor.undefine(vm)
    world.passes(alpha, 3)
    answer = http.post("vms/forgotten/forget")
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "done"
    problem(http.get(f"vms/{vm}"), 404)


def test_that_a_copy_is_gone_is_believed_of_one_host_and_only_where_it_is_not_shown(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "shown here")
    shown = problem(http.post(f"vms/{vm}/forget", params={"on": "alpha"}), 409)
    assert "host alpha shows" in shown["detail"]
    problem(http.post(f"vms/{vm}/forget", params={"on": "nowhere"}), 404)
    world.hypervisor("alpha").destroy(vm)
    world.hypervisor("alpha").undefine(vm)
    world.passes(alpha, 3)
    said = http.post(f"vms/{vm}/forget", params={"on": "alpha"})
    assert (said.status_code, said.json()["state"]) == (202, "done")
    assert "no copy of it is left on host alpha" in said.json()["message"]
    assert http.get(f"vms/{vm}").status_code == 200, "its record stays"


@pytest.mark.parametrize("act", ["start", "stop", "release", "forget"])
def test_a_vm_that_is_not_ours_is_not_touched(
    world: Served, alpha: Host, http: httpx2.Client, act: str
) -> None:
    vm = world.appear(alpha, f"not ours, {act}")
    problem(http.post(f"vms/{vm}/{act}"), 409)
    if act == "stop":
        problem(http.post(f"vms/{vm}/stop", json={"force": True}), 409)
    assert world.hypervisor("alpha").acts_on(vm) == 0


@pytest.mark.parametrize("act", ["adopt", "start", "stop", "release", "forget"])
def test_what_is_unknown_is_not_found(http: httpx2.Client, act: str) -> None:
    problem(http.post(f"vms/nobody/{act}"), 404)
    problem(http.get("vms/nobody"), 404)


@pytest.mark.parametrize(
    ("act", "body"), [("stop", {"force": "yes"}), ("adopt", {"names": "x"}), ("stop", [])]
)
def test_a_bad_body_is_refused(
    world: Served, alpha: Host, http: httpx2.Client, act: str, body: object
) -> None:
    vm = world.appear(alpha, f"bad {act} {body}")
    problem(http.post(f"vms/{vm}/{act}", json=body), 422)


def test_a_history_is_told_without_signatures(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = world.ours(alpha, "history")
    http.get(f"operations/{http.post(f'vms/{vm}/stop').json()['id']}", params={"wait": 10})
    answer = http.get(f"vms/{vm}/explanation")
    explained = answer.json()
    assert [operation["kind"] for operation in explained["operations"]] == ["stop", "adopt"]
    assert [sent["command"]["command"] for sent in explained["commands"]] == ["stop_vm", "mark_vm"]
    assert explained["commands"][0]["command"]["proof"]["kind"] == "record"
    assert "signature" not in answer.text
    assert len(http.get(f"vms/{vm}/explanation?limit=1").json()["journal"]) == 1


def test_of_two_namesakes_the_host_says_which(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    beta = world.add_host("beta")
    here, there = world.appear(alpha, "namesake"), world.appear(beta, "namesake")
    assert "--host" in problem(http.get("vms/namesake"), 409)["hint"]
    for host, vm in (("alpha", here), ("beta", there), (beta.id, there)):
        said = {"host": host}
        assert http.get("vms/namesake", params=said).json()["uuid"] == str(vm)
        assert http.get("vms/namesake/explanation", params=said).json()["uuid"] == str(vm)
    problem(http.get("vms/namesake", params={"host": "none"}), 404)
    adopted = http.post("vms/namesake/adopt", json={"host": "beta"}).json()
    assert adopted["vm"] == str(there)
    http.get(f"operations/{adopted['id']}", params={"wait": 10})
    world.passes(beta)
    for act, body in (("stop", {"force": True}), ("start", None), ("release", None)):
        asked = http.post(f"vms/namesake/{act}", params={"host": "beta"}, json=body).json()
        assert asked["vm"] == str(there)
        http.get(f"operations/{asked['id']}", params={"wait": 10})
        world.passes(beta)
    problem(http.post("vms/namesake/stop", params={"host": "alpha"}), 409)
    assert world.hypervisor("alpha").acts_on(here) == 0
