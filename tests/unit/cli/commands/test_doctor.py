"""`vmuster doctor`: asks the server, or looks at the state folder; exit 1 where a check failed."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from tests.unit.wiring.backups.folders import told
from vmuster.cli.commands.doctor import with_own
from vmuster.model.host import Host
from vmuster.model.states import HostMode
from vmuster.model.text import counted
from vmuster.wiring.serving.sole import sole_server


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "first")
    return tmp_path / "state"


def test_a_server_is_asked(data: Callable[..., Any], run: Run, alpha: Host) -> None:
    said = data("doctor")
    assert said["running"]
    assert said["checks"][-1]["name"] == "clocks"
    lines = run("doctor").stdout.splitlines()
    counts = Counter(check["verdict"] for check in said["checks"])
    assert lines[-1] == f"{counts['ok']} ok, {counted(counts['warning'], 'warning')}"
    assert "ok       machine, disk: 102400 MiB are free" in "\n".join(lines)
    assert "journal" in run("doctor", "--deep", "-o", "name").stdout


def test_what_is_not_well_is_said_with_what_to_do(run: Run, world: Served, alpha: Host) -> None:
    world.ours(alpha, "ours")
    world.run(world.fleet.mode(alpha, HostMode.OBSERVE))
    try:
        said = run("doctor", "--quiet")
    finally:
        world.run(world.fleet.mode(alpha, HostMode.MANAGE))
    assert said.exit_code == 0
    assert (
        "warning  hosts, mode: VMs of ours on hosts that are only observed: alpha (1)\n"
        "         -> vmuster host mode NAME manage"
    ) in said.stdout
    assert "\nok" not in said.stdout


def test_where_none_answers_the_state_folder_is_looked_at(alone: Run, state: Path) -> None:
    said = alone("doctor", "-q")
    assert said.exit_code == 0, said.output
    assert "looking at the state folder instead" in said.stderr
    assert "no server runs over this state folder" in said.stdout
    with sole_server(state):
        held = alone("doctor")
    assert held.exit_code == 1
    assert "does not answer" in held.stdout


def test_what_failed_ends_with_status_1(alone: Run, state: Path) -> None:
    (state / "keys" / "signing.key").unlink()
    said = alone("doctor", "--state-dir", str(state), "-o", "json")
    assert said.exit_code == 1
    bad = [c["name"] for c in json.loads(said.stdout)["checks"] if c["verdict"] == "failed"]
    assert bad == ["signing key", "fleet's key"]
    assert "2 of" in said.stderr
    assert "what to do: put keys/signing.key back" in said.stderr


def test_where_there_is_neither_it_says_so(alone: Run) -> None:
    said = alone("doctor")
    assert said.exit_code == 1
    assert "no key is known" in said.stderr or "no server answers" in said.stderr


def test_a_server_that_was_named_is_asked_and_nothing_else(alone: Run, state: Path) -> None:
    said = alone("doctor", "--url", "http://127.0.0.1:1", "--key", "k")
    assert (said.exit_code, said.stdout) == (1, "")
    assert alone("doctor", "--state-dir", str(state), "--key", "k").exit_code == 2


def test_it_can_be_csv(alone: Run, state: Path) -> None:
    said = alone("doctor", "--state-dir", str(state), "-o", "csv")
    assert said.stdout.startswith("ABOUT,CHECK,VERDICT,FOUND,WHAT TO DO\nserver,running,warning")


@pytest.mark.parametrize(
    ("version", "at", "unwell"),
    [
        ("1.0", "2026-01-01T00:00:05Z", []),
        ("1.1", "2026-01-01T00:00:05Z", ["client and server"]),
        ("1.0", "2025-12-31T23:59:40Z", ["clocks"]),
        ("1.0", "2026-01-01T00:00:40Z", ["clocks"]),
    ],
)
def test_a_client_says_what_only_it_can_know(version: str, at: str, unwell: list[str]) -> None:
    ours = 1_767_225_600.0
    said = with_own({"version": "1.0", "at": at, "checks": []}, version, ours, ours + 10)
    assert [check["name"] for check in said["checks"] if check["verdict"] != "ok"] == unwell
