"""`--dry-run`: every command that changes something says what it would change, and does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.keypairs import Login
from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.main import cli
from vmuster.cli.printing.rehearsing import told
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.vm import VmRecord
from vmuster.model.webhooks import Webhook

ASK = frozenset(
    {
        "api",
        "completion",
        "doctor",
        "explain",
        "head",
        "list",
        "ls",
        "plan",
        "replay",
        "serve",
        "show",
        "show-self",
        "status",
        "verify",
        "version",
    }
)
DOCUMENT: dict[str, Any] = {
    "dry_run": True,
    "answer": {},
    "changes": [
        {
            "kind": "host",
            "key": "h-1",
            "name": "alpha",
            "field": "mode",
            "before": "observe",
            "after": "manage",
        },
        {"kind": "cluster", "key": "x", "name": "x", "field": "", "before": None, "after": {}},
        {"kind": "vm", "key": "1", "name": "", "field": "", "before": {}, "after": None},
        {"kind": "vm", "key": "2", "name": "a\x1b", "field": "n", "before": None, "after": [1]},
    ],
    "entries": ["host alpha: observe → manage"],
    "commands": [
        {"command": "mark_vm", "vm": "1", "name": "web", "host_name": "alpha"},
        {"command": "stop_vm", "vm": "2", "name": "db", "host_name": None},
    ],
    "more": 3,
}


def test_it_is_told_line_by_line() -> None:
    assert list(told(DOCUMENT)) == [
        "Only rehearsed: nothing was changed. In earnest:",
        "  host alpha: mode observe -> manage",
        "  cluster x: new",
        "  vm 1: dropped",
        "  vm a\\x1b: n null -> [1]",
        "  to alpha: mark_vm web",
        "  to its host: stop_vm db",
        "  journal: host alpha: observe → manage",
        "  and 3 lines more",
    ]


def test_where_nothing_would_change_that_is_said() -> None:
    nothing: dict[str, Any] = {**DOCUMENT, "changes": [], "entries": [], "commands": [], "more": 0}
    assert list(told(nothing)) == ["Nothing would change."]


KINDS = (Fleet, Cluster, ApiKey, Credential, Webhook, VmRecord, Operation, OutboxCommand)


def rows(world: Served) -> list[object]:
    """What people have set and asked for; not what reports change."""
    store = world.fleet.store

    async def every(kind: Any) -> list[object]:
        return [_unused(row) for row in await store.find(kind)]

    async def read() -> list[object]:
        hosts = [(each.name, each.mode) for each in await store.find(Host)]
        entries = await store.find(JournalEntry, limit=10_000)
        asked = [each.what for each in entries if each.kind in ("audit", "request")]
        return [[await every(kind) for kind in KINDS], hosts, asked]

    return world.run(read())


def _unused(row: object) -> object:
    """A key, without when it was used."""
    return row.name if isinstance(row, ApiKey) else row


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "id"
    path.write_bytes(Login().private)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("host", "add", "beta", "--local"), "host beta: new"),
        (("host", "mode", "alpha", "observe"), "host alpha: mode manage -> observe"),
        (("host", "set", "alpha", "--rename", "north"), "host alpha: name alpha -> north"),
        (("host", "remove", "alpha"), "host alpha: dropped"),
        (("host", "remove", "alpha", "--release"), "host alpha: dropped"),
        (("cluster", "add", "west"), "cluster west: new"),
        (("cluster", "policy", "set", "default", "unknown_vms=stop-by-mark"), "-> stop-by-mark"),
        (("fleet", "policy", "set", "dark_percent_max=25"), "policy.dark_percent_max"),
        (("disarm", "--why", "maintenance"), "fleet VM: disarmed null -> "),
        (("disarm", "--host", "alpha"), "host alpha: disarmed null -> "),
        (("key", "rotate"), "fleet VM: key "),
        (("credential", "add", "fleet-ssh", "--ssh-key", "LOGIN"), "credential fleet-ssh: new"),
        (("api-key", "create", "script"), "api_key script: new"),
        (("vm", "adopt", "i-2-7-VM"), "to alpha: mark_vm i-2-7-VM"),
    ],
)
def test_nothing_is_changed_and_all_is_said(
    run: Run,
    data: Callable[..., Any],
    world: Served,
    stranger: Host,
    login: Path,
    words: tuple[str, ...],
    says: str,
) -> None:
    words = tuple(str(login) if word == "LOGIN" else word for word in words)
    before = rows(world)
    result = run(*words, "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "Only rehearsed: nothing was changed." in result.stdout
    assert says in result.stdout
    assert "vmuster_" not in result.stdout
    document = data(*words, "--dry-run")
    assert document["dry_run"]
    assert document["changes"]
    assert rows(world) == before


@pytest.fixture(scope="module")
def stranger(world: Served, alpha: Host) -> Host:
    world.appear(alpha, "i-2-7-VM")
    return alpha


def test_of_a_removal_with_a_release_both_steps_are_said(
    run: Run, data: Callable[..., Any], world: Served, alpha: Host
) -> None:
    gamma = world.add_host("gamma")
    world.ours(gamma, "i-2-8-VM")
    before = rows(world)
    said = run("host", "remove", "gamma", "--release", "--dry-run").stdout
    assert "operation i-2-8-VM: new" in said
    assert "journal: release i-2-8-VM" in said
    assert "then, with 1 VM of ours let go: host gamma: dropped" in said
    assert data("host", "remove", "gamma", "--release", "--dry-run")["then"]
    assert rows(world) == before


def test_every_line_of_a_file_is_rehearsed(run: Run, world: Served, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("beta local\ndelta local cluster=none\nzeta tls z.example.org\n")
    before = rows(world)
    result = run("host", "add", "--from", str(file), "--dry-run", "-o", "csv")
    assert result.exit_code == 1
    states = {line.split(",")[0]: line.split(",")[1] for line in result.stdout.splitlines()[1:]}
    assert states == {"beta": "would be added", "delta": "failed", "zeta": "would be added"}
    assert rows(world) == before


def test_what_is_refused_is_refused(run: Run, alpha: Host) -> None:
    result = run("host", "add", "alpha", "--local", "--dry-run")
    assert (result.exit_code, "taken" in result.stderr) == (1, True)


def test_names_and_rows_are_printed_for_programs(run: Run, alpha: Host) -> None:
    names = run("host", "mode", "alpha", "observe", "--dry-run", "-o", "name").stdout
    assert names == f"host/{alpha.id}\n"
    lines = run("host", "mode", "alpha", "observe", "--dry-run", "-o", "csv").stdout.splitlines()
    assert lines[1].split(",") == ["host", "alpha", "mode", "manage", "observe"]


def test_every_command_that_changes_something_can_be_rehearsed() -> None:
    def without(command: click.Command, path: tuple[str, ...]) -> list[str]:
        if isinstance(command, click.Group):
            return [
                each
                for name in command.commands
                for each in without(command.commands[name], (*path, name))
            ]
        speaks = any(parameter.name == "url" for parameter in command.params)
        rehearses = any(parameter.name == "dry_run" for parameter in command.params)
        return [] if rehearses or not speaks else [" ".join(path)]

    asking = [words for words in without(cli, ()) if words.split()[-1] not in ASK]
    assert asking == ["context add", "record fetch"]  # they change files of one's own
