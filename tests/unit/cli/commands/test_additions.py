"""`vmuster host add`."""

import json
from pathlib import Path

import pytest

from tests.fleets import vm_uuid
from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.commands.additions import PROMISE
from vmuster.model.host import Host, SshProfile, TlsProfile
from vmuster.server.secrets.host_keys import host_key

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1vUhRIWh0WE1nUvRo6cJcZ4rVX+2Rz9AbQ0UdX0aG"


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
    monkeypatch.setattr("vmuster.cli.asking.adding.ACCOUNT_SECONDS", 0.2)
    result = run("host", "add", "nowhere", "--local", "--session", "-o", "json")
    assert result.exit_code == 1
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


@pytest.mark.parametrize(
    "options",
    [
        ("--local", "--ssh", "a.example"),
        ("--local", "--port", "22"),
        ("--local", "--host-key", KEY),
        ("--tls", "a.example", "--host-key", KEY),
        ("--ssh", "@a.example"),
        ("--from", "none.txt"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_a_usage_error(run: Run, options: tuple[str, ...]) -> None:
    result = run("host", "add", "wrong", *options)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_remote_host_is_added_as_it_was_said(
    monkeypatch: pytest.MonkeyPatch, run: Run, world: Served
) -> None:
    monkeypatch.setattr("vmuster.cli.asking.adding.ACCOUNT_SECONDS", 0.2)
    ssh = ("host", "add", "s1", "--ssh", "ann@a.example", "--port", "2222", "--session")
    added = json.loads(run(*ssh, "--host-key", KEY, "-o", "json").stdout)
    assert added["profile"] == {
        "kind": "ssh",
        "address": "a.example",
        "host_key": KEY,
        "port": 2222,
        "user": "ann",
        "scope": "session",
        "credential": "",
    }
    added = json.loads(run("host", "add", "t1", "--tls", "b.example", "-o", "json").stdout)
    assert added["profile"]["kind"] == "tls"
    stored = world.run(world.fleet.store.find(Host))
    kinds = {host.name: type(host.profile) for host in stored}
    assert (kinds["s1"], kinds["t1"]) == (SshProfile, TlsProfile)


def test_a_key_that_nobody_knows_is_never_trusted_by_itself(run: Run, world: Served) -> None:
    world.fleet.host_keys.shown["c.example", 22] = (host_key(KEY),)
    for options in ((), ("--yes",)):
        result = run("host", "add", "s2", "--ssh", "c.example", *options)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "SHA256:" in result.stderr
        assert "--trust-first-key" in result.stderr
    assert run("host", "show", "s2").exit_code == 1


def test_many_hosts_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, run: Run, world: Served, alpha: Host, tmp_path: Path
) -> None:
    monkeypatch.setattr("vmuster.cli.asking.adding.ACCOUNT_SECONDS", 20.0)
    file = tmp_path / "hosts.txt"
    file.write_text(
        "# our hosts\n"
        "gamma local\n"
        "delta local cluster=default   # another\n"
        "far ssh c.example\n"
        "alpha tls a.example\n"
        "lost local cluster=none\n"
    )
    result = run("host", "add", "--from", str(file), "-o", "json")
    assert result.exit_code == 1
    outcomes = {outcome["name"]: outcome for outcome in json.loads(result.stdout)}
    assert list(outcomes) == ["gamma", "delta", "far", "alpha", "lost"]
    states = {name: outcome["state"] for name, outcome in outcomes.items()}
    assert states == {
        "gamma": "added",
        "delta": "added",
        "far": "failed",
        "alpha": "failed",
        "lost": "failed",
    }
    assert outcomes["gamma"]["vms"] == 0
    assert "there already" in outcomes["alpha"]["reason"]
    assert "no cluster none" in outcomes["lost"]["reason"]
    assert "host gamma: added" in result.stderr
    assert "3 of 5 hosts" in result.stderr
    file.write_text("gamma local\ndelta local\n")
    again = run("host", "add", "--from", str(file))
    assert again.exit_code == 0
    assert again.stdout.count("there already") == 2


def test_a_file_is_checked_before_anything_is_added(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "hosts.txt"
    file.write_text("good local\nbad locale\n")
    result = run("host", "add", "--from", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing was added; line 2" in result.stderr
    assert run("host", "show", "good").exit_code == 1
    assert run("host", "add", "name", "--from", str(file)).exit_code == 2
