"""`vmuster api`."""

import json

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


def test_a_question_is_answered_in_json(alpha: Host, run: Run) -> None:
    for path in ("/hosts", "hosts", "/api/v1/hosts", "/hosts?name=alpha&limit=1"):
        told = run("api", "get", path)
        assert told.exit_code == 0, told.stderr
        (host,) = json.loads(told.stdout)["items"]
        assert host["id"] == alpha.id
    assert run("api", "GET", "/hosts/alpha", "-o", "yaml").stdout.startswith("---\n")


def test_a_body_is_sent(run: Run) -> None:
    added = run("api", "POST", "/clusters", "--body", "-", input='{"name": "north"}')
    assert json.loads(added.stdout)["name"] == "north"
    rehearsed = run("api", "DELETE", "/hosts/alpha", "--dry-run")
    assert rehearsed.exit_code == 0
    assert run("api", "GET", "/hosts/alpha").exit_code == 0


@pytest.mark.parametrize("body", ["{", "[]", "1", ""])
def test_a_body_that_is_none_is_refused(run: Run, body: str) -> None:
    assert run("api", "POST", "/clusters", "--body", "-", input=body).exit_code == 2


def test_a_refusal_is_said(run: Run) -> None:
    told = run("api", "GET", "/hosts/nobody")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "vmuster host list" in told.stderr


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:1/x", "//127.0.0.1:1/x", "/https://x/y", "", "/"]
)
def test_the_key_goes_nowhere_else(run: Run, path: str) -> None:
    told = run("api", "GET", path)
    assert told.exit_code == 1
    assert "127.0.0.1:1" not in told.stderr


def test_the_query_of_a_path_is_sent(run: Run, world: Served, alpha: Host) -> None:
    vm = world.ours(alpha, "queried")
    world.ours(alpha, "queried-2")
    stop = ("api", "POST", f"/vms/{vm}/stop?dry_run=true")
    assert run(*stop, "--body", "-", input='{"force": true}').exit_code == 0
    listed = run("api", "GET", "/vms?standing=owned&limit=1").stdout
    assert len(json.loads(listed)["items"]) == 1
    asked = run("api", "POST", f"/vms/{vm}/stop?dry_run=false&host=alpha", "--dry-run")
    assert asked.exit_code == 0, asked.stderr
    assert json.loads(run("api", "GET", "/operations?kind=stop").stdout)["items"] == []
    assert world.hypervisor("alpha").acts_on(vm) == 1
