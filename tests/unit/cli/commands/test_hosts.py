"""`vmuster host`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

UUID = "4c4c4544-0051-3510-8052-b4c04f4a3132"


def test_hosts_are_listed_and_shown(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    assert "alpha" in [host["name"] for host in data("host", "list")]
    assert data("host", "show", "alpha")["id"] == alpha.id
    assert "alpha" in run("host", "list").stdout
    assert run("host", "show", "none").exit_code == 1


def test_an_empty_name_is_nobody_and_never_everybody(run: Run, alpha: Host) -> None:
    for words in (
        ("disarm", "--host", ""),
        ("disarm", "--cluster", ""),
        ("arm", "--host="),
        ("plan", "--host", ""),
        ("plan", "--cluster", ""),
        ("vm", "list", "--host", ""),
        ("vm", "stop", "x", "--host", ""),
        ("journal", "--host", ""),
        ("journal", "--vm", ""),
    ):
        result = run(*words)
        assert (result.exit_code, "empty" in result.stderr) == (2, True), words
    assert "disarmed" not in run("status").stdout
    for words in (("host", "show", ""), ("vm", "stop", "")):
        result = run(*words)
        assert (result.exit_code, "empty" in result.stderr) == (1, True), words


def test_a_mode_is_set(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    assert data("host", "mode", "alpha", "cordoned")["mode"] == "cordoned"
    assert data("host", "mode", "alpha", "manage")["mode"] == "manage"
    assert run("host", "mode", "alpha", "all").exit_code == 2


def test_a_host_shows_who_it_is_and_how_it_has_been(run: Run, alpha: Host) -> None:
    shown = run("host", "show", "alpha").stdout
    labels = {line.partition("  ")[0] for line in shown.splitlines()}
    assert {"health", "uuid", "flaps", "reached by"} <= labels
    assert not {"trouble", "disarmed", "claims to be"} & labels
    assert "up (" in run("host", "list").stdout


def test_a_host_is_accepted_only_as_what_it_claims(run: Run, alpha: Host) -> None:
    asked = ("host", "accept", "alpha", "--uuid", UUID)
    refused = run(*asked)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--yes" in refused.stderr
    assert "does not say" in run(*asked, "--yes").stderr
    assert run("host", "accept", "alpha", "--yes").exit_code == 2
    assert run("host", "accept", "alpha", "--uuid", "x", "--yes").exit_code == 2


def test_a_host_is_removed_when_its_vms_are_let_go(
    data: Callable[..., Any], run: Run, world: Served
) -> None:
    gamma = world.add_host("gamma")
    vm = world.ours(gamma, "let go")
    assert "--yes" in run("host", "remove", "gamma").stderr
    refused = run("host", "remove", "gamma", "--yes")
    assert refused.exit_code == 1
    assert "vmuster host remove gamma --release" in refused.stderr
    assert run("host", "remove", "gamma", "--yes", "--forget").exit_code == 1
    assert run("host", "remove", "gamma", "--release", "--forget").exit_code == 2
    assert run("host", "remove", "gamma", "--release", "--dead").exit_code == 2
    assert "heard of" in run("host", "remove", "gamma", "--yes", "--dead").stderr
    assert run("host", "show", "gamma").exit_code == 0
    removed = run("host", "remove", "gamma", "--release", "--yes").stdout
    assert "our marks were taken out of its VMs" in removed
    assert run("host", "show", "gamma").exit_code == 1
    domain = world.hypervisor("gamma").domains[vm]
    assert (domain.active, domain.mark) == (True, None)


def test_an_empty_host_is_removed_in_words(run: Run, world: Served) -> None:
    world.add_host("delta")
    said = run("host", "remove", "delta", "--yes")
    assert said.stdout == "host delta is removed; nothing was changed on it.\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "removed."),
        (("--release",), "let go"),
        (("--forget",), "dropped"),
        (("--dead",), "dead"),
    ],
)
def test_what_is_asked_says_what_will_happen(
    run: Run, alpha: Host, options: tuple[str, ...], said: str
) -> None:
    assert said in run("host", "remove", "alpha", *options).stderr


def test_a_change_of_mode_is_said(run: Run, alpha: Host) -> None:
    assert run("host", "mode", "alpha", "cordoned").stdout.endswith("→ cordoned\n")
    assert run("host", "mode", "alpha", "manage").stdout == "host alpha: cordoned → manage\n"
