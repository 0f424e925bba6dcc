"""Why, by any id, over real HTTP."""

import re

import httpx2

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host

MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def test_a_vm_is_told_by_name_by_uuid_and_by_its_beginning(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = str(world.ours(alpha, "told"))
    stories = [http.get(f"explanations/{ref}").json() for ref in ("told", vm, vm[:13])]
    assert {story["reference"] for story in stories} == {vm}
    assert {story["what"]["what"] for story in stories} == {"told runs on alpha"}
    assert stories[0]["why"]["see"] == "docs/rules.md#in-sync"
    whole = http.get(f"vms/{vm}/explanation").json()
    assert whole["story"]["chapters"] == stories[0]["chapters"]
    assert whole["record"]["uuid"] == vm


def test_an_operation_a_command_and_an_entry_are_told(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = str(world.ours(alpha, "acted upon"))
    whole = http.get(f"vms/{vm}/explanation").json()
    for about, id_ in (
        ("operation", whole["operations"][0]["id"]),
        ("command", whole["commands"][0]["id"]),
        ("entry", str(whole["journal"][0]["id"])),
    ):
        story = http.get(f"explanations/{id_}").json()
        assert (story["about"], story["reference"]) == (about, id_)
        assert MOMENT.fullmatch(story["what"]["at"])


def test_what_nobody_knows_is_a_problem_that_says_what_an_id_is(http: httpx2.Client) -> None:
    for reference in ("nobody", "%00", "0" * 32, "99999999"):
        said = problem(http.get(f"explanations/{reference}"), 404)
        assert "at least 8 characters" in said["hint"]
    problem(http.get("explanations/x", params={"limit": 0}), 422)
