"""`vmuster quarantine`."""

from collections.abc import Callable
from typing import Any

from tests.served import Served
from tests.unit.api.routes.test_quarantine import doubt
from tests.unit.cli.conftest import Run
from vmuster.cli.commands.quarantine import left, lines
from vmuster.model.host import Host

THEN = "2026-01-01T00:00:00Z"
VM = {"name": "web", "uuid": "u", "host": "alpha", "why": "our mark and no record"}
VIEW: dict[str, Any] = {
    "quarantine": {"since": THEN, "evidence": ["a mark is newer"], "highest": 9},
    "waited_for": ["beta"],
    "orphans": [VM] * 21,
    "missing": [{**VM, "host": ""}],
    "operations": [{"kind": "stop", "name": "web", "actor": "ann", "created_at": THEN}],
    "commands": [{"command": {"command": "stop_vm"}, "vm": "u", "created_at": THEN}],
    "clusters": [
        {
            "name": "default",
            "policy": {"unknown_vms": "stop-by-name", "drift": "record", "restart": "never"},
            "grant": {"granted_by": "ann"},
        }
    ],
}


def test_a_fleet_in_quarantine_shows_the_way_out(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    vm = str(world.ours(alpha, "kept"))
    assert "in no quarantine" in run("quarantine", "show").stdout
    assert run("quarantine", "show", "-o", "name").stdout == "none\n"
    world.run(doubt(world))
    shown = run("quarantine", "show").stdout
    assert "a mark is newer" in shown
    assert "vmuster quarantine leave" in shown
    assert "QUARANTINE" in run("status").stdout
    assert "vmuster quarantine show" in run("vm", "stop", vm).stderr
    refused = run("quarantine", "leave")
    assert (refused.exit_code, "--yes" in refused.stderr) == (1, True)
    assert data("quarantine", "show")["quarantine"] is not None
    assert run("quarantine", "leave", "--yes", "--without", "nobody").exit_code == 1
    assert "are closed" in refused.stderr
    told = run("quarantine", "leave", "--yes", "--without", "alpha", "--without", "alpha")
    assert told.stdout.startswith("The quarantine is left: ")
    assert data("quarantine", "leave")["quarantine"] is None
    assert "disarmed by anna" in run("status").stdout


def test_all_that_a_person_must_know_is_told_up_to_a_bound() -> None:
    shown = list(lines(VIEW))
    assert "VMs of ours that the database does not know (21):" in shown
    assert shown[shown.index("Hosts whose account is waited for (1):") + 1] == "  beta"
    assert "  and 1 more" in shown
    assert sum("web  u  on alpha" in line for line in shown) == 20
    assert "  web  u  on no host: our mark and no record" in shown
    assert "  stop web, by ann, 2026-01-01 00:00:00Z" in shown
    assert "  stop_vm for u, 2026-01-01 00:00:00Z" in shown
    assert "stops by name granted by ann" in "\n".join(shown)


def test_what_was_closed_is_counted_and_what_comes_next_is_told_in_order() -> None:
    first, *rest = left(VIEW)
    assert "1 request and 1 order of back then are closed, 21 VMs" in first
    commands = [line.split("   ")[0].strip() for line in rest if line.startswith("  vmuster")]
    assert commands[0] == "vmuster vm list --standing orphan"
    assert commands[-2:] == ["vmuster plan", "vmuster arm"]
    assert "orphan" not in "\n".join(list(left({**VIEW, "orphans": []}))[1:])


def test_what_there_is_none_of_is_not_mentioned() -> None:
    empty: dict[str, Any] = {name: [] for name in VIEW if name != "quarantine"}
    shown = "\n".join(lines({**empty, "quarantine": VIEW["quarantine"]}))
    assert "What was seen first; the journal has all of it (1):" in shown
    assert "(0)" not in shown
