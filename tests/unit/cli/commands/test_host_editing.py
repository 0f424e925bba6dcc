"""`vmuster host set`: what is not said stays."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


def test_a_host_is_renamed_and_stays_the_same(data: Callable[..., Any], world: Served) -> None:
    beta = world.add_host("beta")
    after = data("host", "set", "beta", "--rename", "north")
    assert (after["id"], after["name"], after["profile"]) == (
        beta.id,
        "north",
        {"kind": "simulated", "name": "beta"},
    )
    data("host", "set", "north", "--rename", "beta")


def test_it_is_reached_otherwise_and_talked_to_anew(
    data: Callable[..., Any], world: Served
) -> None:
    gamma = world.add_host("gamma")
    epoch = data("host", "show", "gamma")["epoch"]
    words = ("host", "set", "gamma", "--tls", "gamma.example.org")
    after = data(*words, "--port", "16515", "--credential", "fleet-tls")
    assert after["profile"] == {
        "kind": "tls",
        "address": "gamma.example.org",
        "port": 16515,
        "scope": "system",
        "credential": "fleet-tls",
    }

    async def anew() -> object:
        now = await world.fleet.now(gamma)
        return now if now.epoch > epoch else None

    world.run(world.fleet.until(anew))
    moved = data("host", "set", "gamma", "--tls", "10.0.0.7")["profile"]
    assert (moved["address"], moved["port"], moved["credential"]) == (
        "10.0.0.7",
        16515,
        "fleet-tls",
    )
    assert data("host", "set", "gamma", "--no-credential")["profile"]["credential"] == ""
    assert data("host", "set", "gamma", "--local")["profile"] == {
        "kind": "local",
        "scope": "system",
    }
    after = data("host", "set", "gamma", "--session")["profile"]
    assert after == {"kind": "local", "scope": "session"}


def test_another_hypervisor_hides_no_vm_of_ours(run: Run, world: Served, alpha: Host) -> None:
    world.ours(alpha, "i-2-3-VM")
    result = run("host", "set", "alpha", "--local", "--session")
    assert (result.exit_code, "another hypervisor" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    "words",
    [(), ("--local", "--tls", "a.example"), ("--tls", "a.example", "--host-key", "SHA256:x")],
)
def test_what_can_t_be_meant_is_a_usage_error(
    run: Run, alpha: Host, words: tuple[str, ...]
) -> None:
    assert run("host", "set", "alpha", *words).exit_code == 2
