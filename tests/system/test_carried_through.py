"""Two hosts are recorded while all kinds of hands are at work. Carried through, their past is what
it was; and under another policy exactly what follows from that is otherwise.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.served import KEYS, Served, served
from vmuster.cli.main import cli


def said(world: Served, *words: str) -> str:
    """What a command of anna's prints; it must succeed."""
    env = {"VMUSTER_URL": world.url, "VMUSTER_API_KEY": KEYS["anna"]}
    result = CliRunner(env=env).invoke(cli, list(words), prog_name="vmuster")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a VM that moves, one that is stopped and started by request, one that is let
    go, one that a hand stops, and a stranger with a name of ours; of hosts that are disarmed and
    cordoned, of a new policy, a new server and a new key."""
    folder = tmp_path_factory.mktemp("past")
    with served("alpha", "beta", database=folder / "vmuster.db") as world:
        hosts = alpha, beta = world.add_host("alpha"), world.add_host("beta")
        said(world, "record", "start")
        moved, _, _, stopped = (world.ours(alpha, f"i-2-{number}-VM") for number in range(4))
        target = world.hypervisor("beta")
        world.do(lambda: world.hypervisor("alpha").migrate(moved, target))
        world.run(world.fleet.until(lambda: world.fleet.sighting(beta, moved)))
        for line in (
            *("disarm --host alpha --why x", "arm --host alpha --yes"),
            *("host mode beta cordoned --yes", "host mode beta manage --yes"),
            *("vm stop i-2-1-VM --yes --wait", "vm start i-2-1-VM --yes --wait"),
            *("vm release i-2-2-VM --yes --wait", "key rotate --yes"),
        ):
            said(world, *line.split())
            _passes(world, *hosts)
        world.do(lambda: world.hypervisor("alpha").destroy(stopped))
        _passes(world, *hosts)
        said(world, *["cluster", "policy", "set", "default", "unknown_vms=stop-by-name", "--yes"])
        world.appear(alpha, "i-2-77-VM")
        _passes(world, *hosts)
        world.restart()
        _passes(world, *hosts)
        said(world, "record", "fetch", str(folder / "it.gz"))
    return folder / "it.gz"


def _passes(world: Served, *hosts: Any) -> None:
    for host in hosts:
        world.passes(host, 3)


def carried(past: Path, *words: str) -> Any:
    line = ["sim", "--from", str(past), *words, "-o", "json"]
    result = CliRunner().invoke(cli, line, prog_name="vmuster")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def named(found: Any, key: str) -> set[str]:
    return {each["name"] for each in found[key]}


def test_as_it_was_nothing_is_otherwise(past: Path) -> None:
    found = carried(past, "--fail-on-difference")
    assert found["passes"] > 50
    assert (found["differ"], found["records"]) == (0, [])


def test_a_record_that_did_not_follow_its_vm_stays_at_home_to_the_end(past: Path) -> None:
    found = carried(past, "--policy", "track_host_change=false")
    assert named(found, "differences") == {"i-2-0-VM"}
    (end,) = found["records"]
    assert (end["was"]["host_name"], end["now"]["host_name"]) == ("beta", "alpha")


def test_under_enforce_what_a_hand_stopped_stays_wanted(past: Path) -> None:
    found = carried(past, "--policy", "drift=enforce", "--policy", "quiet_seconds=0")
    assert named(found, "differences") == named(found, "records") == {"i-2-3-VM"}
    assert found["more"] == {"start": 1}
    (end,) = found["records"]
    assert (end["was"]["desired"], end["now"]["desired"]) == ("stopped", "running")


def test_where_strangers_are_left_alone_nothing_is_stopped(past: Path) -> None:
    found = carried(past, "--policy", "unknown_vms=leave")
    assert (found["more"], found["fewer"]) == ({}, {"stop": 2})
    assert named(found, "differences") == {"i-2-2-VM", "i-2-77-VM"}
    assert found["records"] == []
