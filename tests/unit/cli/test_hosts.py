"""`vmuster host`."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fleets import vm_uuid
from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.hosts import PROMISE
from vmuster.model.host import Host


def test_a_host_is_added_with_a_promise_and_an_account(run: Run, world: Served) -> None:
    beta = world.hypervisor("beta")
    for name in ("Windows 7 (32-bit) (1)", "i-2-78-VM", "other"):
        world.do(lambda name=name: beta.define(vm_uuid(), name, running=True))
    result = run("host", "add", "beta", "--local")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "host beta is added.",
        "It has 3 VMs: 2 alien, 1 lookalike.",
        PROMISE,
    ]
    again = run("host", "add", "beta", "--local")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "taken" in again.stderr


def test_as_json_the_promise_is_talk(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr("vmuster.cli.hosts._ACCOUNT_SECONDS", 0.2)
    result = run("host", "add", "nowhere", "--local", "--session", "-o", "json")
    assert result.exit_code == 0
    added = json.loads(result.stdout)
    assert added["profile"] == {"kind": "local", "scope": "session"}
    promise, what, hint = result.stderr.splitlines()
    assert promise == PROMISE
    assert "no account within" in what
    assert hint.startswith("what to do: ")


@pytest.mark.parametrize(
    "options",
    [(), ("--local", "--loopback", "1"), ("--session",), ("--session", "--loopback", "1")],
    ids=str,
)
def test_how_it_is_reached_must_be_said(run: Run, options: tuple[str, ...]) -> None:
    assert run("host", "add", "gamma", *options).exit_code == 2


def test_a_loopback_host_needs_a_server_that_allows_it(run: Run) -> None:
    result = run("host", "add", "gamma", "--loopback", "16509")
    assert result.exit_code == 1
    assert "--allow-loopback-hosts" in result.stderr


def test_hosts_are_listed_and_shown(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    assert "alpha" in [host["name"] for host in data("host", "list")]
    assert data("host", "show", "alpha")["id"] == alpha.id
    assert "alpha" in run("host", "list").stdout
    assert run("host", "show", "none").exit_code == 1


def test_a_mode_is_set(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    assert data("host", "mode", "alpha", "cordoned")["mode"] == "cordoned"
    assert data("host", "mode", "alpha", "manage")["mode"] == "manage"
    assert run("host", "mode", "alpha", "all").exit_code == 2
