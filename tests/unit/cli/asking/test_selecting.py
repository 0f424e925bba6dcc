"""Lists of what fits, as the server answers it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

Data = Callable[..., Any]


@pytest.fixture(scope="module")
def full(world: Served, alpha: Host) -> Host:
    world.ours(alpha, "ours")
    world.appear(alpha, "stranger")
    world.appear(alpha, "asleep", running=False)
    world.appear(world.add_host("beta"), "far away")
    return alpha


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ([], ["asleep", "far away", "ours", "stranger"]),
        (["--host", "beta"], ["far away"]),
        (["--standing", "owned"], ["ours"]),
        (["--power", "stopped"], ["asleep"]),
        (["--desired", "running"], ["ours"]),
        (["--phase", "running", "--cluster", "default"], ["ours"]),
        (["--name", "stranger"], ["stranger"]),
        (["--limit", "2"], ["asleep", "far away"]),
        (["-n", "1", "--host", "alpha"], ["asleep"]),
    ],
)
def test_vms_that_fit(full: Host, data: Data, said: list[str], named: list[str]) -> None:
    assert [vm["name"] for vm in data("vm", "list", *said)] == named


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ([], ["alpha", "beta"]),
        (["--mode", "manage", "--health", "up", "--cluster", "default"], ["alpha", "beta"]),
        (["--mode", "observe"], []),
        (["-n", "1"], ["alpha"]),
    ],
)
def test_hosts_that_fit(full: Host, data: Data, said: list[str], named: list[str]) -> None:
    assert [host["name"] for host in data("host", "list", *said)] == named


def test_operations_and_entries_that_fit(full: Host, data: Data) -> None:
    (adopted,) = data("operation", "list", "--vm", "ours")
    for said in (["--state", "done"], ["--kind", "adopt"], ["--host", "alpha"], ["-n", "1"]):
        assert data("operation", "list", *said) == [adopted]
    assert data("operation", "list", "--actor", "nobody") == []
    assert data("operation", "list", "--host", "beta") == []
    entries = data("journal", "--kind", "decision", "-n", "2")
    assert {entry["kind"] for entry in entries} == {"decision"}
    assert data("journal", "--actor", "nobody") == []


@pytest.mark.parametrize("said", [["--host", ""], ["--limit", "0"], ["--power", "off"]])
def test_what_means_nothing_is_refused(full: Host, run: Run, said: list[str]) -> None:
    assert run("vm", "list", *said).exit_code == 2


def test_a_list_is_longer_than_a_page(
    full: Host, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = data("vm", "list")
    monkeypatch.setattr("vmuster.client.asking.PAGE", 1)
    known = [vm["uuid"] for vm in data("vm", "list")]
    assert known == [vm["uuid"] for vm in whole]
    assert [vm["uuid"] for vm in data("vm", "list", "-n", "3")] == known[:3]


def test_of_a_host_that_is_gone_the_journal_is_read(world: Served, run: Run, full: Host) -> None:
    world.add_host("gamma")
    assert run("host", "remove", "gamma", "--yes").exit_code == 0
    told = run("journal", "--host", "gamma", "-n", "1", "-o", "json")
    assert json.loads(told.stdout)[0]["what"].startswith("host gamma was removed")
    assert (
        "gamma"
        not in run("journal", "--host", "gamma", "-n", "1", "-o", "csv", "--columns", "vm").stdout
    )
